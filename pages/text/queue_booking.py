"""Who passes the limit in coming weeks, and the list of entries by their limit, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue.labels import UNKNOWN
from indicators.engine.booking import Passing, WhoPasses
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.text import names
from pages.text.tables import Cell, Table, Value, day_cell


def who_passes(found: WhoPasses) -> str:
    """Who passes the limit in the coming weeks, and how many times a week let nobody pass it."""
    passing, late = (
        round(float(part.sum())) for part in (found.breaches.entries, found.breaches.booked_late)
    )
    said = ngettext(
        "In 8 weeks {count} entry passes the limit without a time.",
        "In 8 weeks {count} entries pass the limit without a time.",
        passing,
    ).format(count=formats.number(passing))
    parts = [said if passing or late else _("Nobody now waiting passes the limit in 8 weeks.")]
    if late:
        parts.append(
            ngettext("{count} has a time too late.", "{count} have a time too late.", late).format(
                count=formats.number(late)
            )
        )
    return formats.one_after_another([*parts, *_needed(found)])


def _needed(found: WhoPasses) -> list[str]:
    needed = found.breaches.needed
    if not needed:
        return []
    if found.has_arrivals:
        said = ngettext(
            "So that nobody new passes it, {count} time a week is needed, new entries counted in.",
            "So that nobody new passes it, {count} times a week are needed, new entries counted in.",
            needed,
        )
    else:
        said = ngettext(
            "{count} time a week is needed for those now waiting.",
            "{count} times a week are needed for those now waiting.",
            needed,
        )
    return [said.format(count=formats.number(needed))]


def remarks_on_passing(found: WhoPasses) -> list[str]:
    """What the numbers of the coming weeks leave out."""
    over = round(found.breaches.over)
    said = []
    if over:
        said.append(
            ngettext(
                "{count} entry is over already and is in no week.",
                "{count} entries are over already and are in no week.",
                over,
            ).format(count=formats.number(over))
        )
    if not found.has_arrivals:
        said.append(
            _(
                "New entries cannot be foretold: fewer than 12 weeks of this queue are known, or it is narrowed by more than "
                "unit, service and profession."
            )
        )
    if found.without_limit:
        said.append(
            ngettext(
                "{count} entry has no limit and is in no week.",
                "{count} entries have no limit and are in no week.",
                found.without_limit,
            ).format(count=formats.number(found.without_limit))
        )
    if found.deferred:
        said.append(
            ngettext(
                "{count} entry is deferred for a medical reason: it is in the list, and in no other number here.",
                "{count} entries are deferred for a medical reason: they are in the list, and in no other number here.",
                found.deferred,
            ).format(count=formats.number(found.deferred))
        )
    return said


def weeks_of(found: WhoPasses) -> list[date]:
    """The first day of each of the coming weeks."""
    return [found.day + timedelta(days=7 * at + 1) for at in range(len(found.breaches.entries))]


def passing_parts(found: WhoPasses) -> list[tuple[str, np.ndarray]]:
    """Those whose limit is in each coming week, by what they have: name and numbers."""
    breaches = found.breaches
    parts = [(_("without a time"), breaches.entries), (_("a time too late"), breaches.booked_late)]
    return [*parts, (_("new"), breaches.arrivals)] if found.has_arrivals else parts


def passing_table(found: WhoPasses) -> Table:
    """One row per coming week: who passes the limit in it, and who has a time before it."""
    parts = [*passing_parts(found), (_("a time before it"), found.breaches.in_time)]
    rows: list[list[Value]] = []
    for at, start in enumerate(weeks_of(found)):
        week = Cell(formats.day_span(start, start + timedelta(days=6)), start.isoformat())
        rows.append([week, *(round(float(numbers[at])) for _name, numbers in parts)])
    header = (_("Limit in the week"), *(formats.capital(name) for name, _numbers in parts))
    return Table.of(_("Who passes the limit, by week"), header, rows, range(1, len(header)))


def passing_by_table(split: str, found: Sequence[Passing], caption: str) -> Table:
    """One row per unit, service or profession: those over, those who pass the limit soon, and the times a week they need."""
    called = names.names(split, [one.key for one in found])
    header = (
        caption,
        _("Waiting"),
        _("Over"),
        _("without a time"),
        _("Pass it in 4 weeks without a time"),
        _("A time only after it"),
        _("Times a week, those now waiting"),
    )
    rows = [
        (
            called[one.key],
            one.waiting,
            one.over,
            one.over_unbooked,
            one.soon_unbooked,
            one.booked_late,
            one.needed,
        )
        for one in found
    ]
    return Table.of(caption, header, rows, range(1, len(header)))


def entries_table(entries: pd.DataFrame) -> Table:
    """One row per entry, without persons: where it waits, since when, its limit, and what time it has."""
    called = {
        split: names.names(split, sorted({*entries[split].fillna(UNKNOWN)}))
        for split in ("unit", "service", "profession")
    }
    rows = []
    for row in entries.to_dict("records"):
        places = [called[split][UNKNOWN if pd.isna(row[split]) else row[split]] for split in called]
        rows.append(
            [
                _day_cell(row["last_day"]),
                _number(row["days_over"], signed=True),
                *places,
                _number(row["waited_days"]),
                _day_cell(row["booked_for"]),
                _remark(row),
            ]
        )
    header = (
        _("Last day allowed"),
        _("Days over (− left)"),
        _("Unit"),
        _("Service"),
        _("Profession"),
        _("Waited, days"),
        _("Booked time"),
        _("Note"),
    )
    return Table.of(_("Entries by the last day allowed"), header, rows, (1, 5, 6))


def _remark(row: Mapping[str, Any]) -> str:
    """What the booking desk has to know of an entry's time."""
    if row["deferred"]:
        return _("deferred for a medical reason")
    if pd.isna(row["last_day"]):
        return _("no limit")
    if pd.isna(row["booked_for"]):
        return _("no time")
    return _("the time is too late") if row["too_late"] else _("in time")


def _day_cell(value: Any) -> Cell:
    return Cell("–", None) if pd.isna(value) else day_cell(value.date())


def _number(value: Any, *, signed: bool = False) -> Cell:
    if pd.isna(value):
        return Cell("–", None)
    return Cell(formats.signed(value) if signed and value else formats.number(value), int(value))


def list_limits(found: WhoPasses) -> str:
    """What the list of entries is of, to go with every copy of it."""
    return _(
        "Non-urgent entries on {day}, without those who wait by own wish. The extract may be older than today: check in "
        "the source system before booking. For internal use."
    ).format(day=formats.day(found.day))


def rows_shown(shown: int, count: int) -> str:
    """How many of the entries are on the screen."""
    return _("The first {shown} of {count}, the earliest limit first.").format(
        shown=formats.number(shown), count=formats.number(count)
    )
