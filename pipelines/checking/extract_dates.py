"""The extract date of a file, the window it covers in full, and what states them."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.checking.codes import Meaning
from pipelines.checking.extract import Extract, Window
from pipelines.checking.fields import DATE, REALISED
from pipelines.checking.rows import Rows, date_formats, day_taken
from pipelines.mapping.recognise import Recognised
from pipelines.mapping.source import Source
from pipelines.reading.dates import dates, names_day
from pipelines.reading.table import RawTable

#: What states the extract date, or the window.
BY_HAND, COLUMN, FILE_NAME, ROWS, TODAY = "by_hand", "column", "file_name", "rows", "today"
#: Where the extract date is a guess.
ASSUMED = (ROWS, TODAY)

_TIME = r"(?:[T_ -]?[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)?"
_DATES = re.compile(
    r"(?<![0-9])(?:"
    r"(?P<year>[0-9]{4})(?P<between>[-_.])(?P<month>[0-9]{1,2})(?P=between)(?P<day>[0-9]{1,2})"
    r"|(?P<day_first>[0-9]{1,2})(?P<sign>[-_.])(?P<month_second>[0-9]{1,2})(?P=sign)(?P<year_last>[0-9]{4})"
    rf"|(?P<digits>[0-9]{{8}}){_TIME}"
    r")(?![0-9])"
)
#: `1.3.-31.3.2025`: the first day of a window without its year.
_YEARLESS = re.compile(
    r"(?<![0-9.])(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.?\s*[-_\u2010-\u2015\u2212]\s*(?=[0-9]{1,2}\.[0-9]{1,2}\.([0-9]{4}))"
)
#: What may separate the two days of a window.
_BETWEEN = re.compile(
    r"[\s_.\-\u2010-\u2015\u2212]*(?:to|till|until|asti)?[\s_.\-\u2010-\u2015\u2212]*", re.IGNORECASE
)
_YEARS = range(1990, 2100)
#: Dates of what may also lie ahead; up to today they have happened.
_HAPPENED = (("visits", "visit_on"), ("figures", "period_end"))


@dataclass(frozen=True)
class Dated:
    """The extract date and the stated window, each with what states it (None: no window is stated).

    `scope` is whose window it is: `units` (those in the file) or `origin` (all of the area).
    """

    extract_date: dt.date
    extract_date_from: str
    window: Window | None
    window_from: str | None
    scope: str

    @property
    def assumed(self) -> bool:
        """Whether nothing states the extract date."""
        return self.extract_date_from in ASSUMED


def dates_in_name(file_name: str) -> tuple[dt.date, dt.date | None] | None:
    """Return the date in a file's name, or the two of a window, of which the last is the extract date.

    Two days are a window where nothing but a dash or space separates them. None for more days, and for a window of
    which an end is no day of the calendar.

    >>> dates_in_name("kaynnit_20250301 - 20250331_v2.csv")
    (datetime.date(2025, 3, 1), datetime.date(2025, 3, 31))
    >>> dates_in_name("jono_10.3.2025.csv.gz"), dates_in_name("kaynnit_99999999.csv")
    ((datetime.date(2025, 3, 10), None), None)
    >>> dates_in_name("kaynnit_20250201-20250229.csv") is None
    True
    """
    found = [(match.start(), match.end(), _day_of(match)) for match in _DATES.finditer(file_name)]
    days = [(start, end, day) for start, end, day in found if day is not None]
    if len(days) == 1 and _has_impossible_end(file_name):
        return None
    if len(days) == 1:
        start, _, last = days[0]
        yearless = next((m for m in _YEARLESS.finditer(file_name) if m.end() == start), None)
        first = None if yearless is None else _day(last.year, int(yearless["month"]), int(yearless["day"]))
        return (last, None) if first is None or first > last else (first, last)
    if len(days) == 2:
        (_, end, first), (start, _, last) = days
        if first <= last and _BETWEEN.fullmatch(file_name[end:start]):
            return first, last
    return None


def _has_impossible_end(file_name: str) -> bool:
    """Whether a name has two adjacent days of which one, of a possible year, is none of the calendar."""
    matches = list(_DATES.finditer(file_name))
    return any(
        _BETWEEN.fullmatch(file_name[first.end() : last.start()])
        and any(_day_of(one) is None and _names_year(one) for one in (first, last))
        for first, last in itertools.pairwise(matches)
    )


def _names_year(match: re.Match[str]) -> bool:
    years = [match["year"], match["year_last"]]
    if match["digits"]:
        years += [match["digits"][:4], match["digits"][4:]]
    return any(year is not None and int(year) in _YEARS for year in years)


def _day_of(match: re.Match[str]) -> dt.date | None:
    if match["year"]:
        return _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["year_last"]:
        return _day(int(match["year_last"]), int(match["month_second"]), int(match["day_first"]))
    digits = match["digits"]
    return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:])) or _day(
        int(digits[4:]), int(digits[2:4]), int(digits[:2])
    )


def _day(year: int, month: int, day: int) -> dt.date | None:
    if year not in _YEARS:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def stated_dates(extract: Extract, raw: RawTable, found: Recognised, today: dt.date) -> Dated:
    """Return the extract date and window that are stated; today where nothing states the date. A later date is a slip."""
    options, named = extract.options, dates_in_name(extract.name)
    window, window_from = options.window, None if options.window is None else BY_HAND
    if not has_windows(found.source):
        window = window_from = None
    elif window is None and named is not None and named[1] is not None:
        window, window_from = (named[0], named[1]), FILE_NAME
    scope = options.scope or found.source.file_scope

    def dated(extract_date: dt.date, stated_by: str) -> Dated:
        return Dated(extract_date, stated_by, window, window_from, scope)

    if options.as_of is not None:
        return dated(options.as_of, BY_HAND)
    snapshots = _snapshots(raw, found)
    past = snapshots[snapshots <= np.datetime64(today)]
    if len(past):
        return dated(past.max().item(), COLUMN)
    if named is not None and (named[1] or named[0]) <= today:
        return dated(named[1] or named[0], FILE_NAME)
    return dated(today, TODAY)


def has_windows(source: Source) -> bool:
    """Whether a stated window has a meaning for a source's files."""
    return any(output.window is not None and output.dataset != "queue" for output in source.outputs)


def _snapshots(raw: RawTable, found: Recognised) -> np.ndarray:
    """Return the snapshot dates of a queue's own column, each at least once."""
    positions = found.columns.get("queue", {}).get("snapshot_on", ())
    queue = next((output for output in found.source.outputs if output.dataset == "queue"), None)
    days = [np.array([], dtype="datetime64[D]")]
    if queue is None or not raw.table.num_rows:
        return days[0]
    formats = date_formats(raw, found)
    if "snapshot_on" not in queue.dates:
        formats = tuple(filter(names_day, formats))
    taken = day_taken(found, queue, "snapshot_on")
    for position in positions:
        texts = raw.table.column(position).chunk(0).dictionary
        parsed = dates(texts, formats, found.source.reading.timezone, taken=taken)
        days.append(parsed.values[parsed.read])
    return np.concatenate(days)


def newest_realised(outputs: Sequence[Rows], meaning: Meaning, today: dt.date) -> dt.date | None:
    """Return the newest day, up to today, on which something happened according to the rows; None where there is none."""
    newest = None
    for rows in outputs:
        of_the_extract = {rule.field for rule in rows.output.set_rules if rule.taken_from}
        for name, field in rows.fields.items():
            if (
                name in of_the_extract
                or field.kind != DATE
                or not (field.event == REALISED or (rows.dataset, name) in _HAPPENED)
            ):
                continue
            days = rows.days(name)
            if name == "visit_on":
                days = days[rows.is_our("state_code", meaning, {"realised"})]
            past = days[days <= np.datetime64(today)]
            if len(past) and (newest is None or past.max().item() > newest):
                newest = past.max().item()
    return newest
