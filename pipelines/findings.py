"""Findings: what was noticed in a file, as records. Codes, levels and texts are in `findings.toml`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indicators.catalogue.errors import TakuuvahtiError
from indicators.catalogue.languages import LANGUAGES, in_every_language
from indicators.catalogue.places import read_toml

FILE, ROW, WARNING = "file", "row", "warning"
LEVELS = (FILE, ROW, WARNING)
#: How many row numbers a finding has at most, and how many examples its message names.
MOST_ROWS, MOST_EXAMPLES = 20, 10
#: The reason of findings that say none, such as those that were stored before there were reasons.
USUAL = "usual"


@dataclass(frozen=True)
class Kind:
    """One kind of finding: its code, its level, its texts by language, those of fields that have their own, its
    reasons if it has any, and its text for an entry by hand."""

    code: str
    level: str
    texts: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, Mapping[str, str]]
    entry: Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """One finding of one file: `count` rows (or columns) of one code and field, and their first row numbers.

    Row numbers are those of a spreadsheet: the header is row 1. `params` have nothing that could tell who a person is.
    """

    code: str
    level: str
    field: str | None = None
    count: int = 1
    rows: tuple[int, ...] = ()
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def message(self, language: str = "en") -> str:
        """What the matter is and what to do about it, in a sentence or two; true before and after loading.

        >>> finding("repeated_row", count=1, rows=[7]).message("en")
        'The same row is in the file several times. Repeats left out: 1 (row numbers: 7). Nothing needs to be done.'
        """
        kind = kinds()[self.code]
        known: dict[str, Any] = {"count": self.count, "field": self.field, **self.params}
        shown = _Shown({name: _text(value, language) for name, value in known.items()})
        # A finding has the first row numbers only; the rest are counted.
        shown["rows"] = _list(self.rows, language, max(self.count, len(self.rows)))
        if "reason" in known or USUAL in kind.reasons:
            reason = kind.reasons.get(str(known.get("reason", USUAL)))
            shown["reason"] = reason[language].format_map(shown) if reason else shown["reason"]
        return kind.fields.get(self.field or "", kind.texts)[language].format_map(shown)

    def entry_message(self, language: str, column: str) -> str:
        """The same for one entry by hand, whose field is called `column` on the page.

        >>> finding("bad_number", "value", column="value", rows=[2]).entry_message("en", "Value")
        'Value: this is not a number.'
        """
        texts = kinds()[self.code].entry
        if not texts:
            return self.message(language)
        codes = _text(self.params.get("codes"), language)
        return texts[language].format_map(_Shown(column=column, codes=codes))


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
    first = tuple(map(int, itertools.islice(rows, MOST_ROWS)))
    return Finding(code, kinds()[code].level, field, int(count), first, dict(params))


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
    ) -> None:
        self.findings = tuple(sorted(findings, key=lambda found: LEVELS.index(found.level)))
        self.source = source
        self.layout = layout
        self.dataset = dataset
        self.rows_read = rows_read
        self.rows_quarantined = rows_quarantined
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The reasons for refusing, in one text."""
        return " ".join(found.message(language) for found in self.findings if found.level == FILE)


def unreadable(reason: str, **params: Any) -> RefusedFile:
    """The refusal of a file that cannot be read; `reason` is one of those of the finding."""
    return RefusedFile([finding("unreadable", reason=reason, **params)])


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds of findings by code, in the order of the file."""
    written = read_toml(Path(__file__).with_name("findings.toml"))
    return MappingProxyType(
        {
            code: Kind(
                code,
                entry["level"],
                _texts(entry),
                {name: _texts(one) for name, one in entry.get("fields", {}).items()},
                {name: _texts(one) for name, one in entry.get("reasons", {}).items()},
                _texts(entry["entry"]) if "entry" in entry else {},
            )
            for code, entry in written.items()
        }
    )


def _texts(written: Mapping[str, Any]) -> Mapping[str, str]:
    return in_every_language({name: text for name, text in written.items() if name in LANGUAGES})


def _text(value: Any, language: str) -> str:
    if isinstance(value, dt.date):
        return written_day(value)
    if isinstance(value, list | tuple | set | frozenset):
        return _list(value, language, len(value))
    if isinstance(value, float):
        return str(value).replace(".", LANGUAGES[language].decimal_mark)
    return "–" if value is None else str(value)


def _list(items: Collection[Any], language: str, total: int) -> str:
    """Return the first items, and how many more there are."""
    examples = [_text(item, language) for item in itertools.islice(items, MOST_EXAMPLES)]
    more = total - len(examples)
    return (", ".join(examples) or "–") + (f" (+ {more})" if examples and more > 0 else "")


def written_day(day: dt.date) -> str:
    """A day as messages write it, in every language.

    >>> written_day(dt.date(2025, 3, 1))
    '1.3.2025'
    """
    return f"{day.day}.{day.month}.{day.year}"
