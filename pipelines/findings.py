"""Findings: what was noticed in a file, as records. Codes, levels and texts stand in `findings.toml`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipelines.errors import TakuuvahtiError

FILE, ROW, WARNING = "file", "row", "warning"
LEVELS = (FILE, ROW, WARNING)
LANGUAGES = ("fi", "sv", "en")
#: So many row numbers and examples are told.
ROWS_TOLD = 20
EXAMPLES_TOLD = 10


@dataclass(frozen=True)
class Kind:
    """One kind of finding: its code, its level its texts by language, its reasons if it has any."""

    code: str
    level: str
    texts: Mapping[str, str]
    reasons: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Finding:
    """One finding of one file: `count` rows (or columns) of one code and field, and their first row numbers.

    Row numbers are those a spreadsheet shows: the header is row 1. `params` hold nothing that could tell who
    a person is.
    """

    code: str
    level: str
    field: str | None = None
    count: int = 1
    rows: tuple[int, ...] = ()
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def message(self, language: str = "en") -> str:
        """What happened and what to do about it, in a sentence or two.

        >>> finding("repeated_row", count=1, rows=[7]).message("en")
        'The same row is in the file several times: 1 repeats were left out (rows 7). Nothing needs to be done.'
        """
        kind = kinds()[self.code]
        known: dict[str, Any] = {"count": self.count, "rows": self.rows, "field": self.field, **self.params}
        shown = _Shown({name: _text(value, language) for name, value in known.items()})
        if "reason" in known:
            reason = kind.reasons.get(str(known["reason"]))
            shown["reason"] = reason[language].format_map(shown) if reason else shown["reason"]
        return kind.texts[language].format_map(shown)


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def finding(
    code: str, field: str | None = None, count: int = 1, rows: Iterable[int] = (), **params: Any
) -> Finding:
    """A finding of a known code, at the level its kind has.

    >>> finding("bad_date", "visit_on", 3, [4, 8, 15]).level
    'row'
    """
    told = tuple(int(row) for row in list(rows)[:ROWS_TOLD])
    return Finding(code, kinds()[code].level, field, int(count), told, dict(params))


class RefusedFile(TakuuvahtiError):
    """A file of which nothing is loaded. `findings` say why, those of level file first."""

    exit_code = 1

    def __init__(
        self,
        findings: Iterable[Finding],
        *,
        source: str | None = None,
        layout: str | None = None,
        dataset: str | None = None,
        rows_read: int = 0,
        rows_quarantined: int = 0,
        content_hash: str | None = None,
    ) -> None:
        self.findings = tuple(sorted(findings, key=lambda found: LEVELS.index(found.level)))
        self.source = source
        self.layout = layout
        self.dataset = dataset
        self.rows_read = rows_read
        self.rows_quarantined = rows_quarantined
        self.content_hash = content_hash
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The reasons for refusing, in one text."""
        return " ".join(found.message(language) for found in self.findings if found.level == FILE)


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds of findings by code, in the order of the file."""
    with Path(__file__).with_name("findings.toml").open("rb") as file:
        written = tomllib.load(file)
    return MappingProxyType(
        {
            code: Kind(
                code,
                entry["level"],
                MappingProxyType({language: entry[language] for language in LANGUAGES}),
                MappingProxyType(entry.get("reasons", {})),
            )
            for code, entry in written.items()
        }
    )


def _text(value: Any, language: str) -> str:
    if isinstance(value, dt.date):
        return f"{value.day}.{value.month}.{value.year}"
    if isinstance(value, list | tuple | set | frozenset):
        items = [_text(item, language) for item in value]
        more = len(items) - EXAMPLES_TOLD
        return ", ".join(items[:EXAMPLES_TOLD]) + (f" (+ {more})" if more > 0 else "")
    if isinstance(value, float):
        return str(value) if language == "en" else str(value).replace(".", ",")
    return "–" if value is None else str(value)
