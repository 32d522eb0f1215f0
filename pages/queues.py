"""Queues: how many wait, how many beyond the legal limit, who has waited longest; by unit and service, and over time."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import Any

import pandas as pd
import streamlit as st

from indicators.analysis.change import Change
from indicators.analysis.queue_change import LikeForLike, earlier_numbers, queue_change
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.limits import services_with_limit
from indicators.catalogue.periods import Period, period_of
from indicators.engine.choices import last_day, queue_areas, reasons_told
from indicators.engine.question import INCOMPLETE, NO_DATA, Answer, Missing, Question
from pages import charts
from pages.charts import theme
from pages.text import formats, names
from pages.text.queues import (
    QueueFinding,
    change_label,
    finding,
    lacking_of,
    newest_counts,
    part_only,
    place,
)
from pages.text.tables import Cell, Table, answer_table
from pages.text.tiles import Tile
from pages.text.translations import _
from pages.ui import cache, components, filters

LENGTH, OVER = definition("queue_length"), definition("queue_over_limit")
LONGEST, OWN_WISH, URGENT = (
    definition("queue_longest_wait"),
    definition("queue_own_wish"),
    definition("queue_urgent"),
)
DIMENSIONS = ("area", "unit", "service", "profession", "age_band", "municipality")
#: What the table of units and services tells of each.
COLUMNS = (LENGTH, OVER, LONGEST, OWN_WISH)
#: The newest row of each unit and service.
Places = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class View:
    """What the page tells: every question it asks, so that no hidden number follows.

    `period` is that of the newest snapshot; `older` are those in which queues that it does not tell of were counted last.
    """

    chosen: filters.Chosen
    period: Period | None
    older: tuple[Period, ...] = ()

    @classmethod
    def of(cls, chosen: filters.Chosen) -> View:
        """The view of what is chosen."""
        # Which periods have a snapshot, and whom a sum lacks, is no secret.
        found = {
            one.id: cache.ask(replace(chosen.question(one), suppress=False)).rows for one in (LENGTH, OVER)
        }
        known = [(rows, at) for rows in found.values() if (at := _newest(rows)) is not None]
        if not known:
            return cls(chosen, None)
        rows, at = known[0]
        period = Period(*rows[["period_start", "period_end", "period"]].iloc[at])
        earlier = {one.id: _earlier(chosen, one, period) for one in (LENGTH, OVER)}
        older = {
            period_of(one.day, chosen.grain)
            for queues in earlier.values()
            for one in queues
            if one.day is not None
        }
        return cls(chosen, period, tuple(sorted(older)))

    def ask(self, question: Question) -> Answer:
        """The answer to one of the view's questions."""
        return cache.ask(self._with_all(question))

    def _with_all(self, question: Question) -> Question:
        """One of the view's questions beside the others."""
        return replace(question, shown_with=self.questions)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Everything that is asked."""
        found = [*map(self.chosen.question, (*COLUMNS, URGENT)), self.by_service, self.by_unit]
        return (*found, *map(self.by_place, COLUMNS))

    @property
    def by_service(self) -> Question:
        """The length of the queue by service over time."""
        return self.chosen.question(LENGTH, splits=("service",))

    @property
    def by_unit(self) -> Question:
        """Entries beyond the limit by unit, on the newest snapshot."""
        periods = () if self.period is None else (self.period,)
        question = self.chosen.question(OVER, splits=("unit",))
        return replace(question, by=None, periods=periods, date_from=None)

    def by_place(self, of: Definition) -> Question:
        """An indicator by unit and service on the newest snapshot, and where queues that it lacks were counted last."""
        periods = () if self.period is None else (*self.older, self.period)
        question = self.chosen.question(of, splits=("unit", "service"))
        return replace(question, by=None, periods=periods, date_from=None)

    @cached_property
    def places(self) -> Mapping[str, Places]:
        """Per indicator of the table, the newest row of each unit and service."""
        return {} if self.period is None else {one.id: self._newest_rows(one) for one in COLUMNS}

    def _newest_rows(self, of: Definition) -> Places:
        """The rows of the newest snapshot, and of the queues that it does not tell of the newest of the older ones."""
        newest = "" if self.period is None else self.period.label
        rows = self.ask(self.by_place(of)).rows
        of_older = LENGTH if of not in (LENGTH, OVER) else of
        lacking = (
            set()
            if self.period is None
            else {(one.unit, one.service) for one in _earlier(self.chosen, of_older, self.period)}
        )
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for row in rows.to_dict("records"):
            key = row["unit"], row["service"]
            if row["period"] == newest or key in lacking:
                found[key] = row
        return found

    def missing(self, of: Definition) -> tuple[Missing, ...]:
        """The queues that an indicator lacks on the newest snapshot."""
        if self.period is None or of not in (LENGTH, OVER):
            return ()
        return self.ask(self.chosen.question(of)).missing.get(self.period.label, ())

    def missing_with_numbers(self, of: Definition) -> tuple[Missing, ...]:
        """The queues that an indicator lacks, with the newest numbers that may be told."""
        rows = self.places.get(of.id, {})
        return tuple(
            replace(one, newest=float(row["value"]), suppressed=False)
            if one.newest is None
            and (row := rows.get((one.unit, one.service))) is not None
            and not formats.missing(row["value"])
            else one
            for one in self.missing(of)
        )

    def part_only(self) -> tuple[Missing, ...]:
        """The queues of which the newest snapshot tells only how many are beyond the limit."""
        if self.period is None:
            return ()
        over = self.places[OVER.id]
        return tuple(
            replace(one, newest=float(row["value"]), day=row["as_of"], suppressed=False)
            for one in self.missing(LENGTH)
            if (row := over.get((one.unit, one.service))) is not None
            and row["period"] == self.period.label
            and not formats.missing(row["value"])
        )

    def number_only(self) -> tuple[Missing, ...]:
        """The queues of which only counts are known, where others are known by rows: not how long or why one waits."""
        row = self.newest_row(LONGEST)
        if row is None or row["status"] == NO_DATA:
            return ()
        lacking = {(one.unit, one.service) for one in self.missing(LENGTH)}
        return tuple(one for one in self.not_in_rows if (one.unit, one.service) not in lacking)

    @cached_property
    def not_in_rows(self) -> tuple[Missing, ...]:
        """The queues of which the newest snapshot has no rows, and which were not counted as empty."""
        if self.period is None:
            return ()
        return self.ask(self.by_place(OWN_WISH)).missing.get(self.period.label, ())

    def newest_row(self, of: Definition) -> Mapping[str, Any] | None:
        """The row of an indicator for the newest snapshot; None where it has none."""
        if self.period is None:
            return None
        rows = self.ask(self.chosen.question(of)).rows
        mine = rows[rows["period"] == self.period.label]
        return None if mine.empty else mine.iloc[0].to_dict()

    def change(self, of: Definition) -> Change | LikeForLike | None:
        """The change of a count on the newest snapshot, like for like."""
        if self.period is None:
            return None
        question = self._with_all(self.chosen.question(of))
        return cache.cached_call(queue_change, question, cache.settings(), self.period.label)


def _earlier(chosen: filters.Chosen, of: Definition, period: Period) -> tuple[Missing, ...]:
    """The queues that the newest snapshot does not tell of, each with the day of its newest number."""
    found: tuple[Missing, ...] = cache.cached_call(
        earlier_numbers, chosen.question(of), cache.settings(), period
    )
    return found


def draw() -> None:
    """The page."""
    head = st.container()
    chosen = filters.row(
        "queue",
        DIMENSIONS,
        grains=("week", "month", "quarter"),
        span="52vk",
        last=partial(cache.cached_call, last_day, "queue"),
        areas=cache.cached_call(queue_areas),
    )
    view = View.of(chosen)
    answers = {d.id: view.ask(chosen.question(d)) for d in (LENGTH, OVER, LONGEST, OWN_WISH, URGENT)}
    newest = {d.id: view.newest_row(d) for d in (LENGTH, OVER, LONGEST, OWN_WISH, URGENT)}
    with head:
        components.heading(
            _("Queues"), finding(_found(view, newest), LENGTH, OVER, LONGEST), *answers.values()
        )
    if view.period is None:
        components.empty(
            _("No queue snapshot fits the choice"),
            _("Choose a longer time or more units, or load a queue extract on the page for loading data."),
        )
        components.definition_block(*COLUMNS, URGENT)
        return
    _tiles(view, answers, newest)
    _over_time(answers, chosen.grain)
    over = newest[OVER.id]
    _units(view, view.period, over_is_known=over is not None and over["status"] != NO_DATA)
    _services(view)
    components.sources(*answers.values())
    components.definition_block(*COLUMNS, URGENT)


def _found(view: View, newest: Mapping[str, Mapping[str, Any] | None]) -> QueueFinding:
    """What the finding is written from."""
    rows = {
        key: row
        for key, row in view.places.get(LENGTH.id, {}).items()
        if view.period is not None and row["period"] == view.period.label
    }
    days = [row["as_of"] for row in rows.values() if not formats.missing(row["as_of"])]
    return QueueFinding(
        newest[LENGTH.id],
        newest[OVER.id],
        newest[LONGEST.id],
        view.missing_with_numbers(LENGTH),
        sorted({service for _unit, service in rows}),
        view.part_only(),
        view.change(LENGTH),
        view.chosen.grain,
        max(days, default=None),
        view.missing_with_numbers(OVER),
        view.number_only(),
    )


def _newest(rows: pd.DataFrame) -> int | None:
    """The position of the newest period with a snapshot."""
    known = [at for at, status in enumerate(rows["status"]) if status != NO_DATA]
    return known[-1] if known else None


def _tiles(view: View, answers: Mapping[str, Answer], newest: Mapping[str, Mapping[str, Any] | None]) -> None:
    """The numbers of the newest snapshot."""
    shown = []
    for found in (LENGTH, OVER, LONGEST, OWN_WISH, URGENT):
        row, answer = newest[found.id], answers[found.id]
        if row is None:
            continue
        details = []
        if not formats.missing(row["as_of"]):
            details.append(_("snapshot of {day}").format(day=formats.day(row["as_of"])))
        if found is OVER and formats.has_coverage(row):
            details.append(_("known of {coverage} of the entries").format(coverage=formats.coverage(row)))
        if row["status"] == INCOMPLETE:
            details.append(_("the number is incomplete"))
        # Answers may begin and end with other periods than the length's, which counts stand in for.
        place = list(answer.rows["period"]).index(row["period"])
        shown.append(
            Tile(
                names.text(found).short,
                formats.cell(row, found),
                tuple(details),
                change=None
                if found is LONGEST
                else change_label(view.change(found), found, view.chosen.grain),
                trend=tuple(answer.rows["value"].iloc[: place + 1].tail(26)),
                trend_words=_("{name} over time").format(name=names.text(found).short),
                first=found is LENGTH,
            )
        )
    components.tiles(shown)


def _over_time(answers: Mapping[str, Answer], grain: str) -> None:
    """Length and those beyond the limit over time, each on an axis of its own."""
    components.section(
        _("The queue over time"),
        _("Each point is the sum of the units' last snapshots in the period; a hollow point lacks a unit."),
    )
    for found, colour in ((LENGTH, None), (OVER, theme.LIMIT), (LONGEST, None)):
        rows = answers[found.id].rows
        if rows["status"].isin((NO_DATA,)).all():
            continue
        named = names.text(found)
        st.subheader(named.name, anchor=False)
        drawn = {} if colour is None else {"colour": colour}
        components.chart_block(
            charts.trend(rows, found, grain, **drawn),
            _("{name} over time").format(name=named.name),
            answer_table(rows, found, caption=named.name),
            f"trend_{found.id}",
            what=found.id,
        )


def _units(view: View, period: Period, *, over_is_known: bool) -> None:
    """Units and services on the newest snapshot, worst first."""
    components.section(
        _("Units on the newest snapshot, worst first"),
        _("Entries beyond the legal limit by unit. Where to act first stands on top."),
    )
    by_unit = view.ask(view.by_unit)
    without = by_unit.rows.empty and not over_is_known
    missing = view.missing_with_numbers(OVER)
    for told in (part_only(view.part_only()), "" if without else lacking_of(OVER, missing)):
        if told:
            components.note(told)
    if without:
        # There is no number that could lack a queue: the counts are told for themselves.
        nothing = f"{names.text(OVER).short}: {formats.status_word(NO_DATA)}."
        components.note(f"{nothing} {newest_counts(missing)}".rstrip())
    elif by_unit.rows.empty:
        components.note(_("No service of this choice has a legal limit, so nothing can be beyond it."))
    else:
        units = names.names("unit", list(by_unit.rows["unit"]))
        components.chart_block(
            charts.ranked(by_unit.rows, OVER, "unit", units),
            _("Entries beyond the legal limit by unit, worst first"),
            answer_table(by_unit.rows, OVER, ("unit",), caption=names.text(OVER).name),
            "units",
            what=OVER.id,
        )
    table = _table(view, period)
    st.subheader(_("Every unit and service with its newest count"), anchor=False)
    if view.older:
        components.note(_("A number of an earlier day than the newest snapshot has its day beside it."))
    components.show_table(table)
    components.download(table, "units_services", what="queue_by_unit_and_service")


def _table(view: View, period: Period) -> Table:
    """One row per unit and service: length, beyond the limit, longest wait, own wish; the day of its newest number."""
    keys = {key for rows in view.places.values() for key in rows}
    keys |= {(one.unit, one.service) for of in (LENGTH, OVER) for one in view.missing(of)}
    rows = {key: {name: of[key] for name, of in view.places.items() if key in of} for key in keys}
    in_counts_alone = {(one.unit, one.service) for one in view.not_in_rows}
    told: Set[tuple[str, str]] = cache.cached_call(reasons_told) - in_counts_alone
    header = (_("Unit and service"), *(names.text(found).short for found in COLUMNS), _("Counted on"))
    body = []
    for (unit, service), cells in sorted(rows.items(), key=lambda item: (*_worst(item[1]), item[0])):
        days = [row["as_of"] for row in cells.values() if not formats.missing(row["as_of"])]
        day = max(days, default=None)
        of = (unit, service) in told
        body.append(
            (
                Cell(*[place(unit, service)] * 2),
                *(
                    _cell(found, cells.get(found.id), service, period, reasons_are_told=of, day=day)
                    for found in COLUMNS
                ),
                Cell(
                    formats.status_word(NO_DATA) if day is None else formats.day(day),
                    None if day is None else day.isoformat(),
                ),
            )
        )
    return Table(
        header,
        tuple(body),
        (False, *(True,) * len(COLUMNS), True),
        _("Queue by unit and service, {period}").format(period=formats.period(period.label)),
    )


def _cell(
    found: Definition,
    row: Mapping[str, Any] | None,
    service: str,
    period: Period,
    *,
    reasons_are_told: bool,
    day: date | None,
) -> Cell:
    """A cell of the table; no row means that nothing was counted, which is 0 only where it would have been.

    Those waiting by their own wish are known where rows tell why one waits; counts and some sources do not. A number of
    another day than the newest of its row has its day beside it.
    """
    if row is None:
        if reasons_are_told and found in (LENGTH, OWN_WISH) and day is not None and day >= period.start:
            return Cell(formats.value(0, found), 0)
        without_limit = found is OVER and service not in services_with_limit()
        return Cell(_("no limit") if without_limit else formats.status_word(NO_DATA), None)
    text = formats.marked(row, found)
    if not formats.missing(row["as_of"]) and row["as_of"] != day:
        text = f"{text} ({formats.day(row['as_of'])})"
    return Cell(text, None if formats.missing(row["value"]) else float(row["value"]))


def _worst(cells: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Sorts the most beyond the limit first, then the longest queue; hidden ones after those that are shown."""

    def of(found: Definition) -> float:
        row = cells.get(found.id)
        return 0.0 if row is None or formats.missing(row["value"]) else -float(row["value"])

    return of(OVER), of(LENGTH)


def _services(view: View) -> None:
    """The length by service, each on a small chart of its own, on one scale."""
    answer = view.ask(view.by_service)
    codes = list(dict.fromkeys(answer.rows.sort_values("value", ascending=False)["service"]))
    if len(codes) < 2:
        return
    components.section(
        _("Services beside each other"), _("The length of the queue by service, all on one scale.")
    )
    shown = []
    top = float(answer.rows["value"].max())
    for code, name in names.names("service", codes).items():
        rows = answer.rows[answer.rows["service"] == code]
        newest = rows.iloc[-1].to_dict()
        number = formats.short_cell(newest, LENGTH)
        if newest["status"] == INCOMPLETE:
            number = ", ".join((number, _("the number is incomplete")))
        if newest["period"] != answer.rows["period"].iloc[-1]:
            # Without an entry in the newest period the newest there is, under its own name.
            number = f"{formats.period(newest['period'])}: {number}"
        words = _("Length of the queue by service over time") + f": {name}, {number}"
        drawn = (
            charts.small(rows, LENGTH, view.chosen.grain, top=top) if rows["value"].notna().any() else None
        )
        shown.append(components.Small(name, number, drawn, words))
    components.small_charts(shown, "services")
    components.table_block(
        answer_table(answer.rows, LENGTH, ("service",), caption=names.text(LENGTH).name),
        "services",
        what=LENGTH.id,
    )


components.guarded(draw)
