"""The depth of the queues in words and tables: the flow, honest waits, near misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd

from indicators.catalogue.periods import Period
from indicators.catalogue.weekdays import weekdays_between
from indicators.engine.honest_waits import DAYS, Backtest, ExpectedWait
from indicators.engine.near_misses import LostTime, NearMiss
from indicators.engine.queue_flow import QueueFlow
from indicators.planning.survival import HonestWaits
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.text import names
from pages.text.tables import Cell, Table, Value

#: The share whose difference is told in a sentence: seen within so many days.
TOLD_DAYS = 30
#: Fewer past days than this say little of how often a foretold wait held.
_FEW_DAYS = 13


def span(period: Period) -> str:
    """The days of a period; only its end where it has no beginning."""
    if period.start == date.min:
        return _("until {day}").format(day=formats.day(period.end))
    return formats.day_span(period.start, period.end)


# --- flow ----------------------------------------------------------------------------------------------------------


def flow_sentence(rows: pd.DataFrame) -> str:
    """What came and left in the newest week."""
    newest = rows.iloc[-1]
    return _("{week}: {arrived} came, {treated} were treated, {left} left otherwise.").format(
        week=formats.day_span(newest["before"] + timedelta(days=1), newest["week"]),
        arrived=formats.number(newest["arrived"]),
        treated=formats.number(newest["treated"]),
        left=formats.number(newest["left"]),
    )


def reconciliation(rows: pd.DataFrame) -> Table:
    """Opening, what came and left, the difference and closing: of the newest week and of all the weeks."""
    every = rows[["arrived", "moved_in", "treated", "left", "moved_out", "unlisted"]].sum()
    every["opening"], every["closing"] = rows["opening"].iloc[0], rows["closing"].iloc[-1]
    change = every["arrived"] + every["moved_in"] - every["treated"] - every["left"] - every["moved_out"]
    every["difference"] = every["closing"] - every["opening"] - change
    columns = (rows.iloc[-1], every)
    lines = (
        (_("Waiting at the start"), "opening", 0),
        (_("Came"), "arrived", 1),
        (_("Moved in"), "moved_in", 1),
        (_("Treated"), "treated", -1),
        (_("Left otherwise"), "left", -1),
        (_("Moved out"), "moved_out", -1),
        (_("Difference"), "difference", 1),
        (_("Waiting at the end"), "closing", 0),
        (_("Of those who came and were treated: seen between snapshots, never listed"), "unlisted", 0),
    )
    body = [[title, *(_flow_cell(column[name], sign) for column in columns)] for title, name, sign in lines]
    first, last = rows["before"].iloc[0] + timedelta(days=1), rows["week"].iloc[-1]
    newest = formats.day_span(rows["before"].iloc[-1] + timedelta(days=1), last)
    return Table.of(
        _("How the queue changed"), (_("Entries"), newest, formats.day_span(first, last)), body, (1, 2)
    )


def _flow_cell(value: float, sign: int) -> Cell:
    number = int(value)
    return Cell(
        formats.signed(sign * number) if sign and number else formats.number(number), sign * number or number
    )


def flow_remarks(rows: pd.DataFrame) -> list[str]:
    """What is to be known of the weeks: visits that are not known, gaps, differences, entries that came back or were re-dated."""
    unknown, uneven = int((~rows["visits_known"]).sum()), int((~rows["seven_days"]).sum())
    different = int((rows["difference"] != 0).sum())
    returned, redated = int(rows["returned"].sum()), int(rows["redated"].sum())
    gaps = len(weeks_with_gaps(rows)) - len(rows)
    said = (
        (
            gaps,
            ngettext(
                "{count} week between is not known of every unit: what changed in it is in the difference of the whole time.",
                "{count} weeks between are not known of every unit: what changed in them is in the difference of the whole time.",
                gaps,
            ),
        ),
        (
            unknown,
            ngettext(
                "In {count} week visits are not known on every day: who was treated may look as if they left otherwise.",
                "In {count} weeks visits are not known on every day: who was treated may look as if they left otherwise.",
                unknown,
            ),
        ),
        (
            uneven,
            ngettext(
                "{count} week is not of seven days: a snapshot is missing or was taken on another day.",
                "{count} weeks are not of seven days: a snapshot is missing or was taken on another day.",
                uneven,
            ),
        ),
        (
            different,
            ngettext(
                "In {count} week the rows do not explain the whole change: the rest is the difference.",
                "In {count} weeks the rows do not explain the whole change: the rest is the difference.",
                different,
            ),
        ),
        (
            returned,
            ngettext(
                "{count} entry was missing for a while and came back: it is counted as waiting all the time.",
                "{count} entries were missing for a while and came back: they are counted as waiting all the time.",
                returned,
            ),
        ),
        (
            redated,
            ngettext(
                "The date of start of {count} entry was changed: its first date holds.",
                "The date of start of {count} entries was changed: their first date holds.",
                redated,
            ),
        ),
    )
    return [text.format(count=formats.number(count)) for count, text in said if count]


def flow_table(rows: pd.DataFrame) -> Table:
    """One row per week, the newest first: the reconciliation, and whether visits are known on every day."""
    columns = (
        ("opening", _("Waiting at the start")),
        ("arrived", _("Came")),
        ("moved_in", _("Moved in")),
        ("treated", _("Treated")),
        ("left", _("Left otherwise")),
        ("moved_out", _("Moved out")),
        ("difference", _("Difference")),
        ("closing", _("Waiting at the end")),
        ("returned", _("Came back")),
        ("redated", _("Re-dated")),
        ("weekdays", _("Weekdays")),
    )
    body: list[list[Value]] = []
    for row in rows.iloc[::-1].to_dict("records"):
        days = formats.day_span(row["before"] + timedelta(days=1), row["week"])
        known = _("yes") if row["visits_known"] else _("no")
        body.append([Cell(days, row["week"].isoformat()), *(int(row[name]) for name, _t in columns), known])
    header = (_("Week"), *(title for _name, title in columns), _("Visits known"))
    return Table.of(_("The flow of the queue by week"), header, body, range(1, len(columns) + 1))


def flow_rows(flow: QueueFlow, first: date | None, *, eves_are_weekdays: bool = False) -> pd.DataFrame:
    """The weeks of a flow that end on a day or later: their weekdays, whether visits are known, whether they have seven days."""
    weekdays = [
        weekdays_between(before, day, eves_are_weekdays)
        for before, day in zip(flow.before, flow.days, strict=True)
    ]
    rows = flow.table().assign(visits_known=flow.visits_known, seven_days=flow.seven_days, weekdays=weekdays)
    if first is None or rows.empty:
        return rows
    return rows[[day >= first for day in rows["week"]]].reset_index(drop=True)


def weeks_with_gaps(rows: pd.DataFrame) -> list[tuple[date, int | None]]:
    """The weeks of a flow in their order, each with its place among the rows: None for those between that are not known."""
    found: list[tuple[date, int | None]] = []
    for at, (before, week) in enumerate(zip(rows["before"], rows["week"], strict=True)):
        while found and before - found[-1][0] >= timedelta(days=7):
            found.append((found[-1][0] + timedelta(days=7), None))
        found.append((week, at))
    return found


# --- honest waits --------------------------------------------------------------------------------------------------


def honest_sentence(found: HonestWaits, period: Period) -> str:
    """The share seen within 30 days of all, and how the share of those seen alone differs."""
    at = DAYS.index(TOLD_DAYS)
    share, alone = found.within[at].share, found.completed_only[at]
    when = span(period)
    if share is None:
        return _(
            "{span}: what share is seen within {days} days is not known yet: nobody has been followed for so long."
        ).format(span=when, days=TOLD_DAYS)
    said = _(
        "{span}: {share} of those whose need was assessed were seen within {days} days, those still waiting counted in."
    ).format(span=when, share=formats.percent(100 * share), days=TOLD_DAYS)
    if alone is None:
        return said
    apart = _("Counted of those already seen alone it would be {share} ({points}).").format(
        share=formats.percent(100 * alone), points=formats.points(100 * (alone - share))
    )
    return f"{said} {apart}"


def honest_counts(found: HonestWaits) -> str:
    """What became of those whose need was assessed."""
    return _("{number} needs: {seen} seen, {waiting} still waiting, {left} left without a visit.").format(
        number=formats.number(found.number),
        seen=formats.number(found.completed),
        waiting=formats.number(found.waiting),
        left=formats.number(found.left),
    )


def honest_table(found: HonestWaits) -> Table:
    """One row per mark: the share of all with its interval, of those seen alone, the difference, and who is followed so long."""
    body: list[list[Value]] = []
    for one, alone in zip(found.within, found.completed_only, strict=True):
        apart = None if one.share is None or alone is None else round(100 * (alone - one.share), 1)
        between = None if one.low is None or one.high is None else (100 * one.low, 100 * one.high)
        body.append(
            [
                Cell(formats.days(one.days, 0), one.days),
                _share(one.share),
                Cell(formats.share_interval(*between), formats.share_interval(*between)) if between else "–",
                _share(alone),
                Cell("–", None) if apart is None else Cell(formats.points(apart), apart),
                one.at_risk,
            ]
        )
    header = (
        _("Seen within"),
        _("Of all assessed"),
        _("95 % interval"),
        _("Of those seen alone"),
        _("Difference"),
        _("Followed so long"),
    )
    return Table.of(_("The share seen, those still waiting counted in"), header, body, range(1, 6))


def _share(share: float | None) -> Cell:
    if share is None:
        return Cell(_("not known"), None)
    return Cell(formats.percent(100 * share), round(100 * share, 1))


def expected_sentence(found: ExpectedWait | None, tried: Backtest) -> str:
    """The wait of who joins today, and how often what was foretold so held."""
    if found is None or not found.number:
        return _(
            "The wait of who joins today cannot be told: nobody's need was assessed in the last 13 weeks."
        )
    if found.middle is None:
        return _("The wait of who joins today is not known: fewer than half have been seen so far.")
    said = (
        _("Half of those who join today are seen within {middle}, and eight of ten between {low} and {high}.")
        if found.high is not None
        else _("Half of those who join today are seen within {middle}; by when nine of ten are is not known.")
    ).format(
        middle=formats.days(found.middle, 0),
        low="" if found.low is None else formats.days(found.low, 0),
        high="" if found.high is None else formats.days(found.high, 0),
    )
    if tried.within_middle is None:
        return said
    held = _("On {days} past weeks, {share} were seen within the middle foretold (half is right).").format(
        days=formats.number(tried.days), share=formats.percent(100 * tried.within_middle, 0)
    )
    return f"{said} {held}"


def expected_table(found: Mapping[str, tuple[ExpectedWait, Backtest]]) -> Table:
    """One row per unit: the wait of who joins today, its interval, who leaves, and how often it held on past weeks."""
    called = names.names("unit", list(found))
    body: list[list[Value]] = []
    longest = sorted(
        found, key=lambda unit: (-_or_last(found[unit][0].middle), -_or_last(found[unit][0].high), unit)
    )
    for unit in longest:
        wait, tried = found[unit]
        body.append(
            [
                called[unit],
                wait.number,
                _days(wait.middle, wait.number),
                _days(wait.low, wait.number),
                _days(wait.high, wait.number),
                Cell(formats.percent(wait.left_pct, 0), round(wait.left_pct, 1)) if wait.number else "–",
                _held(tried.within_middle, tried.days),
                _held(tried.within_high, tried.days),
            ]
        )
    header = (
        _("Unit"),
        _("Assessed in 13 weeks"),
        _("Half seen within"),
        _("8 of 10: from"),
        _("to"),
        _("Left without a visit"),
        _("Middle held (50 % is right)"),
        _("End held (90 % is right)"),
    )
    return Table.of(_("The wait of who joins today, by unit"), header, body, range(1, 8))


def _or_last(days: int | None) -> float:
    return float("inf") if days is None else float(days)


def _days(days: int | None, number: int) -> Cell:
    if not number:
        return Cell("–", None)
    return Cell(_("not known"), None) if days is None else Cell(formats.days(days, 0), days)


def _held(share: float | None, days: int) -> Cell:
    if share is None:
        return Cell("–", None)
    text = formats.percent(100 * share, 0)
    return Cell(text if days >= _FEW_DAYS else f"{text}*", round(100 * share, 1))


def few_weeks(found: Mapping[str, tuple[ExpectedWait, Backtest]]) -> str:
    """What an asterisk means; empty where none is shown."""
    few = any(tried.within_middle is not None and tried.days < _FEW_DAYS for _wait, tried in found.values())
    return _("* tried on fewer than {weeks} weeks").format(weeks=_FEW_DAYS) if few else ""


# --- near misses ---------------------------------------------------------------------------------------------------


def near_sentence(found: Sequence[NearMiss], period: Period, level: float | None) -> str:
    """How many visits came one to three days late, and in how many units they alone would have reached the target."""
    late = sum(one.just_over for one in found)
    said = ngettext(
        "{span}: {count} visit came 1–3 days after the seven days.",
        "{span}: {count} visits came 1–3 days after the seven days.",
        late,
    ).format(span=span(period), count=formats.number(late))
    if level is None:
        return said
    enough = sum(one.is_within_reach for one in found)
    if not enough:
        return "{} {}".format(
            said,
            _("In no unit would they alone have reached the target of {level}.").format(level=_level(level)),
        )
    reached = ngettext(
        "In {count} unit they alone would have reached the target of {level}.",
        "In {count} units they alone would have reached the target of {level}.",
        enough,
    ).format(count=formats.number(enough), level=_level(level))
    return f"{said} {reached}"


def _level(level: float) -> str:
    return formats.percent(level, 0 if float(level).is_integer() else 1)


def near_table(found: Sequence[NearMiss], level: float | None) -> Table:
    """One row per unit: visits just late, and the fewest that would have had to be in time for the target."""
    called = names.names("unit", [one.unit for one in found])
    header = [_("Unit"), _("Visits with known dates"), _("Within 7 days"), _("8–10 days")]
    if level is not None:
        header += [
            _("Missing from {level}").format(level=_level(level)),
            _("8–10 days would have been enough"),
        ]
    rows: list[list[Value]] = []
    for one in found:
        row: list[Value] = [called[one.unit], one.judged, one.within, one.just_over]
        if level is not None:
            needed = one.needed or 0
            enough = _("reached") if not needed else _("yes") if one.is_within_reach else _("no")
            row += [needed, enough]
        rows.append(row)
    return Table.of(_("Visits one to three days late, by unit"), header, rows, range(1, len(header)))


def entries_just_over(entries: pd.DataFrame, most: int) -> str:
    """How many of those who wait are one to so many days over the limit."""
    over = entries.loc[~entries["deferred"], "days_over"]
    count = int(((over >= 1) & (over <= most)).sum())
    if not count:
        return _("Nobody waiting is 1–3 days over the limit of the law.")
    return ngettext(
        "{count} entry in the queue is 1–3 days over the limit of the law.",
        "{count} entries in the queue are 1–3 days over the limit of the law.",
        count,
    ).format(count=formats.number(count))


def lost_table(found: Sequence[LostTime]) -> Table:
    """One row per unit: cancelled and missed times, and contacts of people who came again within 14 days."""
    called = names.names("unit", [one.unit for one in found])
    rows = [
        (called[one.unit], one.known, one.cancelled, one.missed, one.contacts, one.repeated) for one in found
    ]
    header = (
        _("Unit"),
        _("Booked times with a known outcome"),
        _("Cancelled"),
        _("Missed"),
        _("Contacts of known people"),
        _("Again within 14 days"),
    )
    return Table.of(_("Lost times and repeated contacts, by unit"), header, rows, range(1, 6))


def people_table(found: Mapping[int, int]) -> Table:
    """How many people came to so many services."""
    rows = [(Cell(formats.number(services), services), people) for services, people in sorted(found.items())]
    return Table.of(_("People by the number of services"), (_("Services"), _("People")), rows, (1,))
