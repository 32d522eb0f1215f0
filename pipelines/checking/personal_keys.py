"""Keys of rows that are made of what could tell who a person is: pseudonyms, made before a row is looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pyarrow as pa

from pipelines.checking.rows import distinct, without_point_zero
from pipelines.mapping.personal_columns import keys_of_rows
from pipelines.mapping.recognise import Recognised
from pipelines.pseudonyms import Pseudonymiser, pseudonyms
from pipelines.reading.table import RawTable, codes_of


def pseudonymised_keys(
    raw: RawTable, found: Recognised, key: Pseudonymiser, origin: str
) -> tuple[RawTable, Recognised]:
    """Return the table with a column of pseudonyms for each personal column that a key is read from; keys are read there.

    The pseudonyms are those that the same texts have as persons, so keys of one person match from load to load.
    """
    table, headers = raw.table, list(raw.headers)
    moved: dict[int, int] = {}
    columns: dict[str, Mapping[str, tuple[int, ...]]] = {}
    for dataset, fields in found.columns.items():
        changed = dict(fields)
        for name in keys_of_rows(dataset) & changed.keys():
            for at in changed[name]:
                if at in found.personal and at not in moved:
                    moved[at] = len(headers)
                    texts = table.column(at).chunk(0) if raw.table.num_rows else None
                    table = table.append_column(f"c{len(headers)}", _pseudonyms(texts, found, key, origin))
                    headers.append(headers[at])
            changed[name] = tuple(moved.get(at, at) for at in changed[name])
        columns[dataset] = changed
    if not moved:
        return raw, found
    return (
        dataclasses.replace(raw, table=table, headers=tuple(headers)),
        dataclasses.replace(found, columns=columns, personal=found.personal | set(moved.values())),
    )


def _pseudonyms(
    texts: pa.DictionaryArray | None, found: Recognised, key: Pseudonymiser, origin: str
) -> pa.DictionaryArray:
    if texts is None:
        return pa.array([], pa.string()).dictionary_encode()
    column = without_point_zero(texts)
    return distinct(
        codes_of(column), pseudonyms(column.dictionary, key, found.source.person_id_space, origin)
    )
