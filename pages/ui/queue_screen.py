"""The first screen of the queues: who waits beyond the limit, how long all wait, where to book first, and the units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from indicators.analysis.queue_outlook import LIMIT_BAND, NOT_KNOWN, QueueOutlook
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.periods import period_of, preceding
from indicators.catalogue.prepared_rows import OVER as OVER_BAND
from indicators.catalogue.prepared_rows import WITHIN_7, WITHIN_14
from indicators.drawing.picture import PICTURE, Picture
from indicators.drawing.small import Bar, histogram, sparkline
from indicators.drawing.svg import ON_PAPER
from indicators.engine.question import INCOMPLETE, NO_DATA, OK, SUPPRESSED, Where
from indicators.wording import actions as action_words
from indicators.wording import formats
from indicators.wording.translations import _
from pages.charts.levels import limit_marks
from pages.sheet import (
    Action,
    Column,
    Fact,
    Row,
    Value,
    action_list,
    charts_of_widths,
    data_table,
    finding,
    fold,
    hidden,
    link,
    note,
    number_block,
    plain_value,
    sheet_grid,
    titled,
    verdict_badge,
)
from pages.sheet.evidence import signal_of
from pages.sheet.table import orders, waiting_value
from pages.text import names, signals
from pages.text import queues as words
from pages.text import targets as target_words
from pages.text.queues import QueueFinding
from pages.ui import address, cache, components, pictures, sheet
from pages.views.queues import CHANGE_WEEKS, LENGTH, LONGEST, OVER, QueuesView

#: The address parameter of the order of the table.
ORDER = "jarjestys"
#: So many units stand in the first screen's table, unless one more would be all of them.
MOST_UNITS = 8
#: So many queues stand in the list of where to book first.
MOST_TO_BOOK = 3
#: The inks and opacities of those who pass the limit, by band, from the foot of a bar up.
_INKS = ((OVER_BAND, "limit", 1.0), (WITHIN_7, "breach", 1.0), (WITHIN_14, "breach", 0.55))
#: Waits are drawn until so many weeks beyond the longest limit.
_WEEKS_BEYOND = 5
_UNIT = address.PARAMETERS["unit"]


def draw(view: QueuesView) -> None:
    """The first screen."""
    sheet.show(partial(_first_screen, view), "first")
    pictures.of_screen(partial(_waits_to_take, view), "waits", what="queue by days waited")


def _first_screen(view: QueuesView) -> str:
    found = finding_of(view)
    rows = (found.length, found.over)
    strong = [formats.number(row["value"]) for row in rows if row and not formats.missing(row["value"])]
    pieces = _number(view, found), _waits(view), _to_book(view), _units(view)
    return finding(words.finding(found), strong) + sheet_grid(*pieces)


def finding_of(view: QueuesView) -> QueueFinding:
    """What the finding is written from."""
    days = view.days_of_queues()
    return QueueFinding(
        view.newest_row(LENGTH),
        view.newest_row(OVER),
        view.missing_with_numbers(LENGTH),
        sorted({service for _unit, service in days}),
        view.part_only(),
        view.change(LENGTH),
        view.chosen.grain,
        max((day for day in days.values() if day is not None), default=None),
        view.missing_with_numbers(OVER),
        view.number_only(),
        view.outlook_of_all(),
    )


# --- the number ----------------------------------------------------------------------------------------------------


def _number(view: QueuesView, found: QueueFinding) -> str:
    """Those beyond the limit, whether the law is met, and the queue in lines of small print."""
    over, outlook = found.over, found.outlook
    if over is None:
        return ""
    badges = []
    if over["status"] != NO_DATA:
        met = not over["value"] if not formats.missing(over["value"]) else False
        detail = "" if met else target_words.law_allows_none(OVER)
        if not met or over["status"] == OK:
            badges.append(verdict_badge("met" if met else "not_met", detail))
        badges.append(_badge_of_change(view))
    remarks = words.remarks(found, OVER, LENGTH)
    folded = fold(_remark_title(found), "".join(map(note, remarks))) if remarks else ""
    shown = formats.cell(over, OVER)
    kind = "limit" if over["status"] == SUPPRESSED or over["value"] > 0 else ""
    return (
        number_block(_("Waiting beyond the limit"), shown, badges, _facts(view, found, outlook), kind=kind)
        + folded
    )


def _badge_of_change(view: QueuesView) -> str:
    """Signal or noise of the newest month, judged as on the page of the indicator."""
    breaks = signals.breaks_of(OVER.id, view.chosen.area, view.chosen.one_unit)
    months = signals.series(view.ask(view.judged), None, breaks)
    label = None if months.last is None else months.last.label
    of = "" if label is None else formats.capital(formats.period(label))
    return signal_of(months, label, signals.missing(months), of=of)


def _remark_title(found: QueueFinding) -> str:
    lacking = len(found.missing)
    if not lacking:
        return _("Notes on the numbers")
    return words.lacking_title(lacking)


def _facts(view: QueuesView, found: QueueFinding, outlook: QueueOutlook | None) -> list[Fact]:
    facts = []
    if outlook is not None:
        for title, waiting, kind in (
            (_("of them without a time"), outlook.over_unbooked, ""),
            (_("Pass the limit in 7 d"), outlook.within_7, "breach"),
            (_("of them without a time"), outlook.within_7_unbooked, ""),
            (_("Pass the limit in 14 d"), outlook.within_14, ""),
        ):
            if waiting != NOT_KNOWN:
                facts.append(Fact(title, words.waiting_words(waiting), kind if waiting.is_some else ""))
    if found.length is not None:
        shown = formats.short_cell(found.length, LENGTH)
        if found.length["status"] == INCOMPLETE:
            shown = ", ".join((shown, _("incomplete")))
        facts.append(Fact(_("Waiting in all"), shown))
        name, change = words.change_fact(found.change, LENGTH, found.grain)
        if name:
            facts.append(Fact(name, change))
    longest = view.newest_row(LONGEST)
    if longest is not None and not formats.missing(longest["value"]):
        facts.append(Fact(_("Longest wait"), formats.value(longest["value"], LONGEST)))
    facts += [Fact(*target_words.promise_fact(one)) for one in view.promised(cache.today())]
    if found.over is not None and formats.has_coverage(found.over):
        facts.append(Fact(_("Day of assessment known"), formats.coverage(found.over)))
    return facts


# --- how long they wait --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Waits:
    """Everybody waiting by the days waited, those who pass their limit in colours, with its words."""

    heading: str
    when: str
    reading: str
    alt: str
    bars: Sequence[Bar]
    marks: Mapping[int, tuple[str, str]]


def _waits(view: QueuesView) -> str:
    """Those waiting on the first screen; empty where no rows are known."""
    waits = _waits_of(view)
    if waits is None:
        return ""
    # Of suppressed numbers alone there is nothing to draw.
    chart = (
        charts_of_widths(lambda size: histogram(waits.bars, waits.marks, size, alt=waits.alt))
        if waits.bars
        else ""
    )
    return titled(waits.heading, chart + note(waits.reading), waits.when)


def _waits_to_take(view: QueuesView) -> Callable[[], Picture] | None:
    """What draws the same to take away; None where nothing is drawn."""
    waits = _waits_of(view)
    return None if waits is None or not waits.bars else partial(_waits_picture, waits)


def _waits_picture(waits: _Waits) -> Picture:
    bars = [replace(bar, words="") for bar in waits.bars]
    drawing = histogram(bars, waits.marks, PICTURE, ink=ON_PAPER)
    return Picture(waits.heading, drawing, alt=waits.alt, notes=(waits.when, waits.reading))


def _waits_of(view: QueuesView) -> _Waits | None:
    whole, judged = (view.ask(question) for question in view.waited())
    if whole.rows.empty:
        return None
    split = whole.question.splits[0]
    length = 1 if split == "waited_days" else 7
    marks = {
        mark.days: (mark.words.replace("<br>", " "), "limit")
        for mark in limit_marks(_services(view), cache.today())
    }
    if "primary_care" in _services(view):
        marks[7] = (_("target 7 days"), "target")
    furthest = max(marks, default=180) + 7 * _WEEKS_BEYOND
    bars, beyond, left_out = _bars(whole.rows, judged.rows, length, furthest)
    day = _snapshot_day(whole.rows)
    said = _reading(beyond, left_out, furthest, length)
    alt = _(
        "Those waiting by the days waited; in red beyond the limit, in amber those who pass it within 14 days."
    )
    if not bars and not said:
        return None
    heading = (
        _("Those waiting by days waited") if length == 1 else _("Those waiting by days waited, a week a bar")
    )
    when = _("From the assessment of need until {day}").format(day=formats.day(day)) if day else ""
    return _Waits(heading, when, said, alt, bars, marks)


def _services(view: QueuesView) -> tuple[str, ...]:
    """The services selected, else those that are waited for."""
    chosen = view.chosen.of("service")
    return chosen or tuple(sorted({service for _unit, service in view.days_of_queues()} - {UNKNOWN}))


def _bars(
    whole: pd.DataFrame, judged: pd.DataFrame, length: int, furthest: int
) -> tuple[list[Bar], float, int]:
    """The bars, how many have waited beyond what is drawn, and of how many bars the number is suppressed."""
    split = "waited_days" if length == 1 else "waited_weeks"
    parts: dict[int, dict[str, float]] = {}
    for row in judged.to_dict("records"):
        if row[split] != UNKNOWN and not formats.missing(row["value"]):
            parts.setdefault(int(float(row[split])), {})[row[LIMIT_BAND]] = float(row["value"])
    bars, beyond, left_out = [], 0.0, 0
    for row in whole.to_dict("records"):
        if row[split] == UNKNOWN:
            continue
        at = int(float(row[split]))
        first, last = at * length, at * length + length - 1
        if formats.missing(row["value"]):
            left_out += 1
        elif first > furthest:
            beyond += float(row["value"])
        else:
            bars.append(_bar(first, last, float(row["value"]), parts.get(at, {})))
    return sorted(bars, key=lambda bar: bar.first), beyond, left_out


def _bar(first: int, last: int, count: float, mine: Mapping[str, float]) -> Bar:
    drawn, left = [], count
    for band, ink, opacity in _INKS:
        # In the shareable view a part may be shown as more than the whole.
        part = min(mine.get(band, 0.0), left)
        left -= part
        if part:
            drawn.append((part, ink, opacity))
    if left:
        drawn.append((left, "others", 1.0))
    days = formats.days(first) if first == last else f"{first}–{formats.days(last)}"
    return Bar(first, last, tuple(drawn), f"{days}: {formats.number(count)}")


def _snapshot_day(rows: pd.DataFrame) -> date | None:
    return min((day for day in rows["as_of"] if not formats.missing(day)), default=None)


def _reading(beyond: float, left_out: int, furthest: int, length: int) -> str:
    said = [_("Red: beyond the limit. Amber: pass it within 7 and 14 days.")]
    if beyond:
        said.append(
            _("{count} more have waited over {days}.").format(
                count=formats.number(beyond), days=formats.days(furthest)
            )
        )
    if left_out and length > 1:
        said.append(_("Weeks with too few to show are left out."))
    return " ".join(said)


# --- where to book first -------------------------------------------------------------------------------------------


def _to_book(view: QueuesView) -> str:
    alerts, days = view.to_book(MOST_TO_BOOK)
    lines = action_words.booking_actions(alerts, days, names.name)
    shown = [
        Action(
            one.figure,
            one.kind,
            one.what,
            one.where,
            _narrowed_to(one.parameters),
        )
        for one in lines
    ]
    nothing = (
        ""
        if shown
        else _("Nobody shown here is without a booked time beyond the limit or within a week of it.")
    )
    return action_list(_("Book a time first"), shown, nothing)


def _narrowed_to(parameters: Where) -> str:
    """The address of the page narrowed to a queue; empty where it is that already."""
    if all(set(st.query_params.get_all(name)) == set(values) for name, values in parameters):
        return ""
    return components.link_here({name: list(values) for name, values in parameters})


# --- units ---------------------------------------------------------------------------------------------------------


def _units(view: QueuesView) -> str:
    """The units, those beyond the limit first; a row narrows the page to its unit."""
    lengths = view.ask(view.lengths_by_unit())
    outlooks = {key[0]: one for key, one in view.outlook_by_unit().items()}
    day = max((day for day in lengths.rows["as_of"] if not formats.missing(day)), default=None)
    course = None if day is None else view.ask(view.course_by_unit(day))
    rows_now = {row["unit"]: row for row in lengths.rows.to_dict("records")}
    label = "" if view.period is None else view.period.label
    # A queue that the newest snapshot lacks has a row too, without numbers.
    missing = {one.unit for one in lengths.missing.get(label, ())}
    units = sorted({*rows_now, *outlooks, *missing})
    if not units:
        return ""
    called = names.names("unit", units)
    courses = {} if course is None else dict(tuple(course.rows.groupby("unit", sort=False)))
    ordered = sorted(units, key=lambda unit: (*_worst(outlooks.get(unit), rows_now.get(unit)), called[unit]))
    selected = view.chosen.of("unit")
    rows = [
        _unit_row(
            called[unit],
            unit,
            (rows_now.get(unit), outlooks.get(unit), courses.get(unit), day),
            selected=unit in selected,
        )
        for unit in ordered
    ]
    return _table(rows)


def _table(rows: Sequence[Row]) -> str:
    columns = [
        Column("nimi", _("Unit"), right=False),
        Column("jonossa", _("Waiting"), largest_first=True),
        Column("muutos", _("13 wk"), hides="medium", largest_first=True),
        Column("kulku", _("26 weeks"), right=False, hides="narrow", sorts=False),
        Column("yli", _("Beyond limit"), largest_first=True),
        Column("yli-ilman", _("without a time"), hides="narrow", largest_first=True),
        Column("vko", _("Pass in 7 d"), largest_first=True),
        Column("vko-ilman", _("without a time"), hides="narrow", largest_first=True),
        Column("2vko", _("Pass in 14 d"), hides="medium", largest_first=True),
        Column("suunnitelma", _("Plan"), sorts=False),
    ]
    order = address.selected(ORDER, orders(columns), "")
    caption = _("Units, the most urgent first")
    plan = link(components.link_address("queue_plan"), _("Plan this queue"))

    def of(shown: Sequence[Row]) -> str:
        return data_table(caption, columns, shown, order, lambda code: components.link_here({ORDER: code}))

    if order or len(rows) <= MOST_UNITS + 1:
        return titled(caption, of(rows), plan)
    first, rest = rows[:MOST_UNITS], rows[MOST_UNITS:]
    chosen = [row for row in rest if row.selected]
    more = fold(words.other_units(len(rest)), of(rest))
    return titled(caption, of([*first, *chosen]) + more, plan)


def _unit_row(name: str, unit: str, known: tuple[Any, ...], *, selected: bool) -> Row:
    now, outlook, course, day = known
    shown = outlook or QueueOutlook((unit,), *(NOT_KNOWN,) * 6)
    href = components.link_here({_UNIT: [] if selected else [unit]})
    change = _change(course, day)
    cells = (
        plain_value("–", None) if now is None else _length_cell(now),
        plain_value("–" if change is None else formats.signed(change), change),
        Value(_spark(course)),
        waiting_value(shown.over, "limit"),
        waiting_value(shown.over_unbooked, ""),
        waiting_value(shown.within_7, "breach" if shown.within_7_unbooked.is_some else ""),
        waiting_value(shown.within_7_unbooked, ""),
        waiting_value(shown.within_14, ""),
        _plan_of(name, unit),
    )
    return Row(name, href, cells, selected)


def _plan_of(name: str, unit: str) -> Value:
    """A link to the plan of a unit's queue."""
    href = escape(components.link_address("queue_plan", {_UNIT: [unit]}), quote=True)
    said = escape(_("Plan the queue of {unit}").format(unit=name), quote=True)
    return Value(f'<a href="{href}" aria-label="{said}" title="{said}">→</a>')


def _length_cell(row: Mapping[str, Any]) -> Value:
    if row["status"] == SUPPRESSED:
        return Value(verdict_badge("suppressed", alone=True))
    if formats.missing(row["value"]):
        return plain_value("–")
    text = formats.number(row["value"])
    return plain_value(f"{text}*" if row["status"] == INCOMPLETE else text, float(row["value"]))


def _worst(outlook: QueueOutlook | None, row: Mapping[str, Any] | None) -> tuple[float, ...]:
    """Sorts the most beyond the limit first, then those about to pass it, then the longest queue; by what is shown alone."""
    shown = outlook or QueueOutlook(())
    waiting = 0.0 if row is None or formats.missing(row["value"]) else float(row["value"])
    return tuple(-(one or 0.0) for one in (shown.over.count, shown.within_7.count, waiting))


def _change(course: pd.DataFrame | None, day: date | None) -> float | None:
    """How many more wait than 13 weeks before, where both weeks are complete and shown."""
    if course is None or day is None:
        return None
    now = period_of(day, "week")
    then = preceding(now, CHANGE_WEEKS)[0]
    complete = course[course["status"] == OK]
    values = dict(zip(complete["period"], complete["value"], strict=True))
    if now.label not in values or then.label not in values:
        return None
    return float(values[now.label] - values[then.label])


def _spark(course: pd.DataFrame | None) -> str:
    if course is None or course["value"].notna().sum() < 2:
        return "–"
    known = course[course["value"].notna()]
    alt = _("{weeks} weeks: {first} → {last}").format(
        weeks=len(course),
        first=formats.number(known["value"].iloc[0]),
        last=formats.number(known["value"].iloc[-1]),
    )
    return sparkline(list(course["value"]), low=0.0) + hidden(alt)
