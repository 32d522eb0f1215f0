"""Service debt: care that did not happen against a baseline year, people waiting beyond the law, and what clearing takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from indicators.analysis.queue_change import only_beyond_limit
from indicators.analysis.waiting_list import (
    affordable_visits,
    cost_of_clearing,
    relief_capacity,
    target_queue_size,
    weeks_to_clear,
)
from indicators.catalogue.definition import definition
from indicators.catalogue.due_dates import MONTHS
from indicators.catalogue.limits import limit_for
from indicators.catalogue.periods import Period, days_of_months
from indicators.engine.question import INCOMPLETE, NO_DATA, SUPPRESSED, Answer, Missing, Question
from indicators.service_debt.debt import (
    ADJUSTED,
    BASELINE_YEAR,
    HIDDEN,
    VISIBLE,
    VISITS,
    DebtSeries,
    VisibleDebt,
    baseline_years,
    debt_areas,
    debt_series,
    visible_debt,
)
from pages.text import formats, names
from pages.text import queues as queue_words
from pages.text import service_debt as words
from pages.text.tables import Cell, Table, worst_first
from pages.text.tiles import Tile
from pages.text.translations import _
from pages.ui import cache, components, filters
from pages.ui import debt_balance as view

SERIES, BASELINE, SCALING, BY = "velka", "vertailuvuosi", "suhteutus", "tarkkuus"
UNSCALED, SCALED = "ei", "vaesto"
PRICE, BUDGET, EXTRA, READY = "hinta", "raha", "lisa", "valmis"
QUEUE_PRICE, QUEUE_READY = "jonohinta", "jonovalmis"
QUEUE_SERVICE, DEMAND, CAPACITY, TARGET_WEEKS = "jonopalvelu", "kysynta", "kapasiteetti", "tavoiteviikot"
#: The series opened where nothing is chosen: the plan's own example.
FIRST = "child_health_clinic_visits"
GRAINS = {"month": filters.GRAINS["month"], "year": filters.GRAINS["year"]}
LENGTH = definition("queue_length")
DAYS_IN_WEEK = 7
#: So far ahead lies the day by which debt is to be cleared while no other is chosen.
READY_IN = timedelta(weeks=52)


def draw() -> None:
    """The page."""
    today = cache.today()
    head = st.container()
    areas = cache.cached_call(debt_areas)
    with st.container(key="filter_area"), st.container(key="filter_row"):
        cells = st.columns(2, gap="small")
        with cells[0]:
            area = filters.county(areas)
        every: tuple[DebtSeries, ...] = cache.cached_call(debt_series, area)
        with cells[1]:
            chosen = _series_choice(every)
        baseline, scaled, grain = _choices(area, chosen)
    period = _newest_month(area)
    shown_grains = frozenset({grain, *map(view.listed_grain, every)})
    seen, answers = _visible(area, period)
    if chosen is None:
        with head:
            components.heading(_("Service debt"), words.visible_finding(_newest(seen)), *answers)
        components.empty(
            _("There is no series to compare"),
            _("Load visits, referrals or yearly counts of this area, or choose another area."),
        )
    else:
        of_every = [
            view.series_debt(
                one,
                every,
                area,
                baseline=baseline,
                grain=view.listed_grain(one),
                scaled=scaled,
                shown=shown_grains,
            )
            for one in every
        ]
        found = view.series_debt(
            chosen, every, area, baseline=baseline, grain=grain, scaled=scaled, shown=shown_grains
        )
        answers = (found.answer, *found.demand_answers, *answers)
        with head:
            components.heading(
                _("Service debt"),
                f"{words.hidden_finding(view.name_of(chosen), found.plain, of_care=found.has_demand)} "
                f"{words.visible_finding(_newest(seen))}",
                *answers,
            )
            said = view.demand_sentence(found)
            if said:
                components.subheading(said)
        components.tiles([*view.tiles(found), *_visible_tiles(_newest(seen))])
        view.balance(found, scaled)
        view.every_series(of_every, chosen, area, baseline, scaled)
    _by_service(seen)
    if chosen is not None:
        _clear_hidden(found, today)
    _clear_queue(seen, today)
    _assumptions(baseline, scaled)
    components.sources(*answers)
    shown = [definition(chosen.indicator)] if chosen is not None else []
    components.definition_block(*shown, definition(HIDDEN), definition(ADJUSTED), definition(VISIBLE))


# --- choices -------------------------------------------------------------------------------------------------------


def _series_choice(every: Sequence[DebtSeries]) -> DebtSeries | None:
    """The series that is opened; None where the area has none."""
    by_key = {series.key: series for series in every}
    if not by_key:
        return None
    care = (key for key, series in by_key.items() if series.kind == VISITS)
    first = FIRST if FIRST in by_key else next(care, next(iter(by_key)))
    return by_key[
        filters.choose(
            SERIES, _("What is compared"), list(by_key), first, lambda key: view.name_of(by_key[key])
        )
    ]


def _choices(area: str, chosen: DebtSeries | None) -> tuple[int, bool, str]:
    """The baseline year, whether a population scales it, and how finely it is told."""
    years = [str(year) for year in cache.cached_call(baseline_years, area)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        baseline = int(
            filters.choice(
                BASELINE, _("Baseline year"), dict(zip(years, years, strict=True)), str(BASELINE_YEAR)
            )
        )
        scaled = (
            filters.choice(
                SCALING,
                _("Scaling of what is expected"),
                {UNSCALED: _("not scaled"), SCALED: _("by the own age group")},
                UNSCALED,
            )
            == SCALED
        )
        told = {name: _(text) for name, text in GRAINS.items()}
        grain = "year"
        if chosen is not None and chosen.row_level:
            grain = filters.choice(BY, _("Period"), told, "month")
    return baseline, scaled, grain


# --- what is owed --------------------------------------------------------------------------------------------------


def _visible_tiles(seen: words.Visible) -> list[Tile]:
    """Who waits beyond the law, and for how many days beyond it."""
    row, over = seen.row, definition(VISIBLE)
    nothing = formats.status_word(NO_DATA)
    details = []
    if row is not None and isinstance(row["as_of"], date):
        details.append(_("snapshot of {day}").format(day=formats.day(row["as_of"])))
    days = nothing if row is None or row["status"] != SUPPRESSED else formats.verdict("suppressed")
    lacking = [formats.status_word(INCOMPLETE)] if row is not None and row["status"] == INCOMPLETE else []
    why = lacking
    if seen.days is not None:
        days = formats.number(seen.days)
    elif row is not None and not formats.missing(row["value"]):
        why = [_("not all queues are known by rows")]
    return [
        Tile(
            names.text(over).short,
            nothing if row is None else formats.cell(row, over),
            (_("every service together"), *details, *lacking),
        ),
        Tile(_("Days beyond the limit"), days, (_("person-days in all"), *details, *why)),
    ]


# --- who waits beyond the law --------------------------------------------------------------------------------------


def _newest_month(area: str) -> Period | None:
    """The newest month with a snapshot; None without one. Whether numbers are suppressed makes no difference to it."""
    by_month = cache.ask(Question(VISIBLE, by="month", area=area, suppress=False)).rows
    known = by_month[by_month["status"] != NO_DATA]
    if known.empty:
        return None
    last = known.iloc[-1]
    return Period(last["period_start"], last["period_end"], last["period"])


def _queue_questions(area: str, period: Period | None) -> tuple[Question, ...]:
    """Every question of the visible debt on the page: in all and by service, with the lengths of the queues."""
    if period is None:
        return ()
    whole = Question(VISIBLE, area=area, periods=(period,))
    by_service = replace(whole, splits=("service",))
    return whole, by_service, replace(by_service, indicator=LENGTH.id)


def _visible(
    area: str, period: Period | None
) -> tuple[tuple[VisibleDebt, VisibleDebt] | None, tuple[Answer, ...]]:
    """The visible debt of the newest month with a snapshot, in all and by service; None without one."""
    if period is None:
        return None, ()
    whole, by_service = (
        cache.cached_call(
            visible_debt, replace(question, shown_with=_queue_questions(area, period)), cache.settings()
        )
        for question in _queue_questions(area, period)[:2]
    )
    return (whole, by_service), (whole.answer,)


def _newest(seen: tuple[VisibleDebt, VisibleDebt] | None) -> words.Visible:
    if seen is None or seen[0].rows.empty:
        return words.Visible(None, None)
    row = seen[0].rows.iloc[-1].to_dict()
    return words.Visible(row, None if formats.missing(row["days_beyond"]) else float(row["days_beyond"]))


def _lengths(seen: tuple[VisibleDebt, VisibleDebt]) -> Mapping[str, Mapping[str, Any]]:
    """The length of the queue by service on the same snapshots."""
    question = replace(seen[1].answer.question, indicator=LENGTH.id)
    return {row["service"]: row for row in cache.ask(question).rows.to_dict("records")}


def _only_beyond_limit(seen: tuple[VisibleDebt, VisibleDebt]) -> tuple[Missing, ...]:
    """The queues of which only the part beyond the limit is known."""
    found: Mapping[str, tuple[Missing, ...]] = cache.cached_call(
        only_beyond_limit, seen[0].answer.question, cache.settings()
    )
    return next(iter(found.values()), ())


def _by_service(seen: tuple[VisibleDebt, VisibleDebt] | None) -> None:
    """Entries beyond the limit and the days beyond it, by service."""
    components.section(
        _("Visible debt by service"),
        _("Queue entries that have waited beyond the legal limit, and for how many days beyond it in all."),
    )
    if seen is None:
        components.empty(
            _("There is no queue snapshot of this area"),
            _("Load a queue extract or counts of queues on the page for loading data."),
        )
        return
    over, lengths = definition(VISIBLE), _lengths(seen)
    ordered = worst_first(seen[1].rows, over).to_dict("records")
    called = names.names("service", [row["service"] for row in ordered])
    body = []
    for row in ordered:
        length = lengths.get(row["service"])
        days = None if formats.missing(row["days_beyond"]) else float(row["days_beyond"])
        hidden = row["status"] == SUPPRESSED
        body.append(
            (
                Cell(*[called[row["service"]]] * 2),
                Cell(
                    formats.status_word(NO_DATA) if length is None else formats.marked(length, LENGTH),
                    None if length is None or formats.missing(length["value"]) else float(length["value"]),
                ),
                Cell(
                    formats.marked(row, over), None if formats.missing(row["value"]) else float(row["value"])
                ),
                Cell(formats.verdict("suppressed") if hidden else words.number(days), days),
            )
        )
    lacks = {queue for length in lengths.values() for queue in length["missing"] or ()}
    for told in (
        queue_words.part_only(_only_beyond_limit(seen)),
        queue_words.lacking_of(LENGTH, sorted(lacks, key=lambda one: (one.unit, one.service))),
    ):
        if told:
            components.note(told)
    header = (
        names.dimension("service"),
        names.text(LENGTH).short,
        names.text(over).short,
        _("Days beyond the limit"),
    )
    period = formats.period(str(seen[0].rows["period"].iloc[-1]))
    caption = _("Visible debt by service, {period}").format(period=period)
    components.table_block(
        Table(header, tuple(body), (False, True, True, True), caption),
        "visible",
        what=f"visible debt {seen[1].answer.area}",
        title=_("Every service with a legal limit"),
        expanded=True,
    )


# --- clearing it ---------------------------------------------------------------------------------------------------


def _clear_hidden(found: view.SeriesDebt, today: date) -> None:
    """What it takes to give the care that did not happen: extra visits a week, euros, weeks.

    Where nothing is owed against the baseline year, it is what is owed against demand.
    """
    components.section(
        _("Clearing the hidden debt"),
        _(
            "Everything here is on top of the usual: what comes in meanwhile is met by the usual capacity. Give your own "
            "numbers; they stay in the address."
        ),
    )
    if not found.has_demand:
        components.note(_("Only care given can be made up: choose a series of visits above."))
        return
    owed = round(found.plain.balance)
    if owed <= 0 and found.adjusted is not None:
        owed = round(found.adjusted.balance)
        if owed > 0:
            components.note(_("Against the baseline year nothing is owed: this is the debt against demand."))
    if owed <= 0:
        components.note(_("No hidden debt is known of this series, so there is nothing to clear."))
        return
    cells = st.columns(4, gap="small", vertical_alignment="bottom")
    with cells[0]:
        price = filters.amount(PRICE, _("Price of a visit, €"), None, least=1)
    with cells[1]:
        extra = filters.amount(EXTRA, _("Extra visits a week"), None, least=1)
    with cells[2]:
        ready = filters.by_day(READY, _("Cleared by"), today + READY_IN, today + timedelta(weeks=1))
    with cells[3]:
        budget = filters.amount(BUDGET, _("Money there is, €"), None, least=1)
    weeks = (ready - today).days / DAYS_IN_WEEK
    needed = math.ceil(relief_capacity(0, owed, 0, weeks))
    rows = [
        (_("Visits owed"), formats.number(owed)),
        (
            _("Extra visits a week to be clear by {day}").format(day=formats.day(ready)),
            formats.number(needed),
        ),
        (
            _("Time it takes"),
            _("give the extra visits a week")
            if extra is None
            else words.weeks_words(weeks_to_clear(owed, 0, 0, extra)),
        ),
        (
            _("Cost"),
            _("give the price of a visit")
            if price is None
            else formats.euros(cost_of_clearing(owed, 0, price)),
        ),
        (_("Visits that the money pays"), _affordable(budget, price, owed)),
    ]
    _answer_table(rows, _("What clearing the hidden debt takes"), "clear_hidden")


def _affordable(budget: int | None, price: int | None, owed: float) -> str:
    if budget is None or price is None:
        return _("give the money and the price of a visit")
    paid = math.floor(affordable_visits(budget, price))
    share = formats.percent(100 * min(1.0, paid / owed), 0)
    return _("{count} ({share} of what is owed)").format(count=formats.number(paid), share=share)


def _clear_queue(seen: tuple[VisibleDebt, VisibleDebt] | None, today: date) -> None:
    """How a queue comes down to the size at which nearly everyone waits less than the target."""
    if seen is None:
        return
    lengths = {code: row for code, row in _lengths(seen).items() if not formats.missing(row["value"])}
    if not lengths:
        return
    components.section(
        _("Clearing a queue"),
        _(
            "A queue is clear when nearly everyone (98 %) waits less than the target: that is the target size, demand a "
            "week × target wait in weeks ÷ 4 (Little's law)."
        ),
    )
    options = sorted(lengths, key=lambda code: -float(lengths[code]["value"]))
    service = filters.choose(
        QUEUE_SERVICE,
        names.dimension("service"),
        options,
        options[0],
        lambda code: names.name("service", code),
    )
    queue = float(lengths[service]["value"])
    cells = st.columns(5, gap="small", vertical_alignment="bottom")
    with cells[0]:
        demand = filters.amount(DEMAND, _("New entries a week"), None)
    with cells[1]:
        capacity = filters.amount(CAPACITY, _("Entries handled a week"), None)
    with cells[2]:
        target = filters.amount(TARGET_WEEKS, _("Target wait, weeks"), _limit_weeks(service, today), least=1)
    with cells[3]:
        price = filters.amount(QUEUE_PRICE, _("Price of a visit, €"), None, least=1)
    with cells[4]:
        ready = filters.by_day(QUEUE_READY, _("Clear by"), today + READY_IN, today + timedelta(weeks=1))
    rows = [(_("Entries in the queue"), formats.marked(lengths[service], LENGTH))]
    if demand is None or target is None:
        rows.append((_("Target size of the queue"), _("give the new entries a week and the target wait")))
    else:
        size = target_queue_size(demand, target)
        weeks = (ready - today).days / DAYS_IN_WEEK
        rows.append((_("Target size of the queue"), formats.number(size)))
        rows.append((_("Entries too many"), formats.number(max(queue - size, 0))))
        rows.append(
            (
                _("Handled a week to be clear by {day}").format(day=formats.day(ready)),
                formats.number(math.ceil(max(relief_capacity(demand, queue, size, weeks), demand))),
            )
        )
        rows.append(
            (
                _("Time it takes"),
                _("give the entries handled a week")
                if capacity is None
                else words.weeks_words(weeks_to_clear(queue, size, demand, capacity)),
            )
        )
        rows.append(
            (
                _("Cost of the visits beyond the usual"),
                _("give the price of a visit")
                if price is None
                else formats.euros(cost_of_clearing(queue, size, price)),
            )
        )
    _answer_table(rows, _("What clearing the queue takes"), "clear_queue")


def _limit_weeks(service: str, today: date) -> int | None:
    """The legal limit of adults in whole weeks, as the target wait where no other is given; None without one."""
    limit = limit_for(service, today, "23+")
    last = limit and limit.last_day(today)
    if limit is None or limit.value is None or last is None:
        return None
    days = max(days_of_months(limit.value)) if limit.unit == MONTHS else (last - today).days
    return max(1, days // DAYS_IN_WEEK)


def _answer_table(rows: Sequence[tuple[str, str]], caption: str, key: str) -> None:
    body = tuple((Cell(name, name), Cell(value, value)) for name, value in rows)
    table = Table((_("What is told"), _("How much")), body, (False, False), caption)
    components.show_table(table)
    components.download(table, key, what=key)


def _assumptions(baseline: int, scaled: bool) -> None:
    """What the figures take for granted, in plain words."""
    components.section(_("What this takes for granted"))
    said = [
        _(
            "As much care is expected of every period as was given in the same period of {year}. Whether people needed as "
            "much is not known."
        ).format(year=baseline),
        _(
            "Against 2019, months count from March 2020 and years as whole years from 2020; against a later year, all after it."
        ),
        _(
            "A period above the baseline lessens only debt that was there before it; the rest is growth. A period without a "
            "complete figure is in no sum: missing is not zero."
        ),
        _(
            "Against demand, what is expected is the baseline year's visits × demand now ÷ demand then, in the same "
            "period. Demand is told by referrals or notifications; where there are none, by people in care. Residents "
            "do not scale it further."
        ),
        _("People may be counted in several months, so months of people do not add up to a year."),
        _("A visit made up later costs what you give as its price. What the wait itself costs is not in it."),
    ]
    if scaled:
        said.append(
            _(
                "Scaled is only what has the residents of the service's own age group loaded. Of the other series what is "
                "expected is not scaled, and the table says so."
            )
        )
    for text in said:
        components.note(text)


components.guarded(draw)
