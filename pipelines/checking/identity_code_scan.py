"""Searching a file for personal identity codes outside the columns of persons, before any row is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipelines.checking.rows import per_row
from pipelines.findings import Finding, RefusedFile, finding
from pipelines.identity_codes import find_hetu, holds_hetu
from pipelines.mapping.recognise import Recognised
from pipelines.reading.table import RawTable, codes_of

WRONG_PLACE = "person_id_in_wrong_place"


def refuse_file_name(name: str) -> None:
    """Raise RefusedFile where a file's name has something of the shape of an identity code."""
    if holds_hetu(name):
        raise RefusedFile([finding(WRONG_PLACE, reason="file_name")])


def refuse_headers(headers: Sequence[str]) -> None:
    """Raise RefusedFile where a header has something of the shape of an identity code."""
    for position, header in enumerate(headers, start=1):
        if holds_hetu(header):
            raise RefusedFile([finding(WRONG_PLACE, reason="header", position=position)])


def search_columns(raw: RawTable, found: Recognised, first: int = 0) -> list[Finding]:
    """Search the columns from number `first` on; return the warnings of look-alikes. Raises RefusedFile.

    A code without its separator is known by its check character, which ids and codes have by chance: in names and free
    text it refuses the file, elsewhere it is a warning.
    """
    faults: list[Finding] = []
    lookalikes: list[Finding] = []
    for position, header in list(enumerate(raw.headers))[first:]:
        column = raw.table.column(position).chunk(0) if raw.table.num_rows else None
        if column is None or position in found.persons:
            continue
        seen = find_hetu(column.dictionary)
        if not seen.written.any() and not seen.bare.any():
            continue
        free = position in found.free_text
        for code, texts, findings in (
            (WRONG_PLACE, seen.written | (seen.bare & free), faults),
            ("person_id_lookalike", seen.bare & ~np.bool_(free), lookalikes),
        ):
            rows = np.flatnonzero(per_row(texts, codes_of(column), False))
            if len(rows):
                params = (
                    _place(found, header)
                    if first
                    else {"reason": "column", "column": header or f"({position + 1})"}
                )
                findings.append(finding(code, None, len(rows), raw.row_numbers[rows], **params))
    if faults:
        raise found.refusal(faults, raw.rows_read)
    return lookalikes


def _place(found: Recognised, made: str) -> dict[str, Any]:
    """Where the codes of a made column come from: it has no place in the file itself."""
    columns = found.source.shape.sources_of(made)
    return {"reason": "made_column", "column": ", ".join(columns), "made": made}
