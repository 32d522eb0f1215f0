"""Service debt: care that did not happen against a baseline year, people waiting beyond the law, and what clearing takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from indicators.debt import (
    BASELINE_YEAR,
    HIDDEN,
    INCOMING,
    PEOPLE,
    VISIBLE,
    VISITS,
    DebtSeries,
    HiddenDebt,
    VisibleDebt,
    baseline_years,
    counts_from,
    debt_areas,
    debt_series,
    hidden_debt,
    visible_debt,
)
from indicators.definition import definition
from indicators.due import MONTHS
from indicators.limits import limit_for
from indicators.periods import Period
from indicators.question import NO_DATA, SUPPRESSED, Answer, Missing, Question
from indicators.queue_change import only_beyond_limit
from indicators.waiting_list import (
    affordable_visits,
    cost_of_clearing,
    relief_capacity,
    target_queue_size,
    weeks_to_clear,
)
from pages.ui import cache, charts, filters, formats, names, parts, queue_words
from pages.ui import debt_words as words
from pages.ui.texts import N_, _

SERIES, BASELINE, SCALING, BY = "velka", "vertailuvuosi", "suhteutus", "tarkkuus"
UNSCALED, SCALED = "ei", "vaesto"
PRICE, BUDGET, EXTRA, READY = "hinta", "raha", "lisa", "valmis"
QUEUE_PRICE, QUEUE_READY = "jonohinta", "jonovalmis"
QUEUE_SERVICE, DEMAND, CAPACITY, TARGET_WEEKS = "jonopalvelu", "kysynta", "kapasiteetti", "tavoiteviikot"
KINDS = {
    VISITS: N_("care given"),
    PEOPLE: N_("people in care"),
    INCOMING: N_("referrals and notifications"),
}
#: The series opened where nothing is chosen: the plan's own example.
FIRST = "child_health_clinic_visits"
GRAINS = {"month": filters.GRAINS["month"], "year": filters.GRAINS["year"]}
LENGTH = definition("queue_length")
#: The months and days of an average week, for limits given in other units.
DAYS_IN_WEEK, WEEKS_IN_MONTH = 7, 52.1775 / 12
#: A year from now is the day by which debt is to be cleared while no other is chosen.
READY_IN = timedelta(weeks=52)


def draw() -> None:
    """The page."""
    today = cache.today()
    head = st.container()
    areas = cache.remembered(debt_areas)
    with st.container(key="filter_area"), st.container(key="filter_row"):
        cells = st.columns(2, gap="small")
        with cells[0]:
            area = filters.county(areas)
        every: tuple[DebtSeries, ...] = cache.remembered(debt_series, area)
        with cells[1]:
            chosen = _series_choice(every)
        baseline, scaled, grain = _choices(area, chosen)
    seen, answers = _visible(area)
    if chosen is None:
        with head:
            parts.heading(_("Service debt"), words.visible_finding(_newest(seen)), *answers)
        parts.empty(
            _("There is no series to compare"),
            _("Load visits, referrals or yearly counts of this area, or choose another area."),
        )
    else:
        answer, found = _hidden(chosen, area, baseline, scaled, grain)
        answers = (answer, *answers)
        with head:
            parts.heading(
                _("Service debt"),
                f"{words.hidden_finding(_name(chosen), found)} {words.visible_finding(_newest(seen))}",
                *answers,
            )
        _tiles(chosen, found, _newest(seen))
        _balance(chosen, answer, found, scaled)
        _every_series(every, chosen, area, baseline, scaled)
    _by_service(seen)
    if chosen is not None:
        _clear_hidden(chosen, found, today)
    _clear_queue(seen, area, today)
    _assumptions(baseline, scaled)
    parts.sources(*answers)
    shown = [definition(chosen.indicator)] if chosen is not None else []
    parts.definition_block(*shown, definition(HIDDEN), definition(VISIBLE))


# --- choices -------------------------------------------------------------------------------------------------------


def _series_choice(every: Sequence[DebtSeries]) -> DebtSeries | None:
    """The series that is opened; None where the area has none."""
    by_key = {series.key: series for series in every}
    if not by_key:
        return None
    first = FIRST if FIRST in by_key else next(iter(by_key))
    return by_key[
        filters.choose(SERIES, _("What is compared"), list(by_key), first, lambda key: _name(by_key[key]))
    ]


def _choices(area: str, chosen: DebtSeries | None) -> tuple[int, bool, str]:
    """The baseline year, whether a population scales it, and how finely it is told."""
    years = [str(year) for year in cache.remembered(baseline_years, area)]
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


def _name(series: DebtSeries) -> str:
    """A series by its indicator; where it is counted from rows, with its service."""
    short = names.text(definition(series.indicator)).short
    if series.row_level and series.service:
        return f"{names.name('service', series.service)}: {short[:1].lower()}{short[1:]}"
    return short


def _population(series: DebtSeries, area: str) -> Answer | None:
    """The residents of the service's own age group, where any are loaded."""
    question = series.population(area)
    answer = None if question is None else cache.ask(question)
    return answer if answer is not None and answer.rows["value"].notna().any() else None


def _hidden(
    series: DebtSeries, area: str, baseline: int, scaled: bool, grain: str
) -> tuple[Answer, HiddenDebt]:
    """The hidden debt of a series, scaled only where its population is known."""
    answer = cache.ask(series.question(area, grain))
    population = _population(series, area) if scaled else None
    found = hidden_debt(answer, baseline_year=baseline, start=counts_from(baseline), population=population)
    return answer, found


# --- what is owed --------------------------------------------------------------------------------------------------


def _tiles(series: DebtSeries, found: HiddenDebt, seen: words.Visible) -> None:
    against = _("against {year}").format(year=found.baseline_year)
    known = bool(found.compared)
    nothing = formats.status_word(NO_DATA)
    span = (words.span(found.compared),) if known else ()
    balances = tuple(None if one.short is None else one.balance for one in found.periods)
    shown = [
        parts.Tile(
            _("Hidden debt now"),
            formats.number(found.balance) if known else nothing,
            (_name(series), against, *span),
            trend=balances,
            trend_words=_("The running balance of the debt"),
            first=True,
        ),
        parts.Tile(_("Fell short"), formats.number(found.fell_short) if known else nothing, (against,)),
        parts.Tile(_("Made up"), formats.number(found.paid_back) if known else nothing, (against,)),
    ]
    row = seen.row
    over = definition(VISIBLE)
    details = []
    if row is not None and isinstance(row["as_of"], date):
        details.append(_("snapshot of {day}").format(day=formats.day(row["as_of"])))
    shown.append(
        parts.Tile(
            names.text(over).short,
            nothing if row is None else formats.cell(row, over),
            (_("every service together"), *details),
        )
    )
    days = nothing if row is None or row["status"] != SUPPRESSED else formats.verdict("suppressed")
    if seen.days is not None:
        days = formats.number(seen.days)
    shown.append(parts.Tile(_("Days beyond the limit"), days, (_("person-days in all"), *details)))
    parts.tiles(shown)


def _balance(series: DebtSeries, answer: Answer, found: HiddenDebt, scaled: bool) -> None:
    """The running balance and the periods that made it."""
    parts.section(
        _("The running balance"),
        _(
            "Bars: what each period fell short of the baseline year, below zero what it made up. Line: the sum so far."
        ),
    )
    table = _periods_table(series, found)
    remarks = [_("A gap is a period that cannot be compared. It is in no sum.")] if found.unknown else []
    if scaled:
        remarks.append(
            _("What is expected follows the residents of the service's own age group.")
            if found.scaled
            else _("Not scaled: no residents of this service's own age group are loaded.")
        )
    if not found.compared:
        parts.empty(
            _("There is nothing to compare yet"),
            _(
                "A period is compared only where both it and the same period of {year} are complete. Choose another "
                "baseline year, or load the figures of {year}."
            ).format(year=found.baseline_year),
        )
        if found.periods:
            parts.table_block(table, "balance", what=f"service debt {series.key}")
        return
    parts.chart_block(
        charts.balance(
            found.periods,
            [words.hover(one, one.short is not None) for one in found.periods],
            str(answer.grain),
            formats.unit_word(answer.definition),
        ),
        words.hidden_finding(_name(series), found),
        table,
        "balance",
        what=f"service debt {series.key}",
        remark=" ".join(remarks),
    )


def _periods_table(series: DebtSeries, found: HiddenDebt) -> parts.Table:
    """Every period: expected, realised, short, balance."""
    rows = tuple(
        (
            parts.Cell(formats.period(one.period.label), one.period.label),
            parts.Cell(words.number(one.expected), one.expected),
            parts.Cell(words.number(one.realised), one.realised),
            parts.Cell(words.signed(one.short), one.short),
            parts.Cell(
                words.number(None if one.short is None else one.balance),
                None if one.short is None else one.balance,
            ),
            parts.Cell(*[_what_it_did(one.short)] * 2),
        )
        for one in reversed(found.periods)
    )
    header = (
        _("Period"),
        _("Expected ({year})").format(year=found.baseline_year),
        _("Realised"),
        _("Short"),
        _("Balance"),
        _("What it did"),
    )
    caption = _("Periods of the debt: {name}").format(name=_name(series))
    return parts.Table(header, rows, (False, True, True, True, True, False), caption)


def _what_it_did(short: float | None) -> str:
    if short is None:
        return _("cannot be compared")
    return _("made debt") if short > 0 else _("paid back") if short < 0 else _("reached the level")


def _every_series(
    every: Sequence[DebtSeries], chosen: DebtSeries, area: str, baseline: int, scaled: bool
) -> None:
    """The debt of every service: care given first, then people and referrals in the same way."""
    parts.section(
        _("Hidden debt by service"),
        _(
            "Every series of the area in the same way. Care given is the debt itself; people and referrals tell whether "
            "the need was the same."
        ),
    )
    body, nothing = [], []
    for kind, said in KINDS.items():
        found = [
            (series, _hidden(series, area, baseline, scaled, "month" if series.row_level else "year")[1])
            for series in every
            if series.kind == kind
        ]
        nothing += [_name(series) for series, debt in found if not debt.compared]
        for series, debt in sorted(found, key=lambda pair: -pair[1].balance):
            known = debt.compared
            if not known:
                continue
            expected = math.fsum(one.expected or 0 for one in known)
            realised = math.fsum(one.realised or 0 for one in known)
            name = _name(series)
            mark = _("{name} (opened above)").format(name=name) if series == chosen else name
            compared = words.span(known)
            if scaled and not debt.scaled:
                compared = _("{span}, not scaled").format(span=compared)
            counts = (debt.balance, expected, realised, debt.fell_short, debt.paid_back)
            body.append(
                (
                    parts.Cell(mark, name),
                    *(parts.Cell(words.number(count), count) for count in counts),
                    parts.Cell(compared, compared),
                    parts.Cell(*[_(said)] * 2),
                )
            )
    header = (
        _("Service and figure"),
        _("Debt"),
        _("Expected ({year})").format(year=baseline),
        _("Realised"),
        _("Fell short"),
        _("Made up"),
        _("Periods compared"),
        _("What it counts"),
    )
    right = (False, True, True, True, True, True, False, False)
    if body:
        table = parts.Table(header, tuple(body), right, _("Hidden debt by service"))
        parts.table_block(
            table, "services", what=f"service debt {area}", title=_("Every service"), expanded=True
        )
    if nothing:
        parts.note(
            _("No information for want of complete figures to hold against {year}: {series}.").format(
                year=baseline, series="; ".join(nothing)
            )
        )


# --- who waits beyond the law --------------------------------------------------------------------------------------


def _visible(area: str) -> tuple[tuple[VisibleDebt, VisibleDebt] | None, tuple[Answer, ...]]:
    """The visible debt of the newest month with a snapshot, in all and by service; None without one."""
    settings = cache.settings()
    over_time: VisibleDebt = cache.remembered(
        visible_debt, Question(VISIBLE, by="month", area=area), settings
    )
    rows = over_time.rows
    known = rows[(rows["status"] != NO_DATA)]
    if known.empty:
        return None, ()
    last = known.iloc[-1]
    period = Period(last["period_start"], last["period_end"], last["period"])
    whole = Question(VISIBLE, area=area, periods=(period,))
    both = (
        cache.remembered(visible_debt, whole, settings),
        cache.remembered(visible_debt, replace(whole, splits=("service",)), settings),
    )
    return both, (both[0].answer,)


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
    found: Mapping[str, tuple[Missing, ...]] = cache.remembered(
        only_beyond_limit, seen[0].answer.question, cache.settings()
    )
    return next(iter(found.values()), ())


def _by_service(seen: tuple[VisibleDebt, VisibleDebt] | None) -> None:
    """Entries beyond the limit and the days beyond it, by service."""
    parts.section(
        _("Visible debt by service"),
        _("Queue entries that have waited beyond the legal limit, and for how many days beyond it in all."),
    )
    if seen is None:
        parts.empty(
            _("There is no queue snapshot of this area"),
            _("Load a queue extract or counts of queues on the page for loading data."),
        )
        return
    over, lengths = definition(VISIBLE), _lengths(seen)
    ordered = charts.worst_first(seen[1].rows, over).to_dict("records")
    called = names.names("service", [row["service"] for row in ordered])
    body = []
    for row in ordered:
        length = lengths.get(row["service"])
        days = None if formats.missing(row["days_beyond"]) else float(row["days_beyond"])
        hidden = row["status"] == SUPPRESSED
        body.append(
            (
                parts.Cell(*[called[row["service"]]] * 2),
                parts.Cell(
                    formats.status_word(NO_DATA) if length is None else formats.marked(length, LENGTH),
                    None if length is None or formats.missing(length["value"]) else float(length["value"]),
                ),
                parts.Cell(
                    formats.marked(row, over), None if formats.missing(row["value"]) else float(row["value"])
                ),
                parts.Cell(formats.verdict("suppressed") if hidden else words.number(days), days),
            )
        )
    lacks = {queue for length in lengths.values() for queue in length["missing"] or ()}
    for told in (
        queue_words.part_only(_only_beyond_limit(seen)),
        queue_words.lacking_of(LENGTH, sorted(lacks, key=lambda one: (one.unit, one.service))),
    ):
        if told:
            parts.note(told)
    header = (
        names.dimension("service"),
        names.text(LENGTH).short,
        names.text(over).short,
        _("Days beyond the limit"),
    )
    period = formats.period(str(seen[0].rows["period"].iloc[-1]))
    caption = _("Visible debt by service, {period}").format(period=period)
    parts.table_block(
        parts.Table(header, tuple(body), (False, True, True, True), caption),
        "visible",
        what=f"visible debt {seen[1].answer.area}",
        title=_("Every service with a legal limit"),
        expanded=True,
    )


# --- clearing it ---------------------------------------------------------------------------------------------------


def _clear_hidden(series: DebtSeries, found: HiddenDebt, today: date) -> None:
    """What it takes to give the care that did not happen: extra visits a week, euros, weeks."""
    parts.section(
        _("Clearing the hidden debt"),
        _(
            "Everything here is on top of the usual: what comes in meanwhile is met by the usual capacity. Give your own "
            "numbers; they stay in the address."
        ),
    )
    if series.kind != VISITS:
        parts.note(_("Only care given can be made up: choose a series of visits above."))
        return
    owed = round(found.balance)
    if not found.compared or owed <= 0:
        parts.note(_("No hidden debt is known of this series, so there is nothing to clear."))
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


def _clear_queue(seen: tuple[VisibleDebt, VisibleDebt] | None, area: str, today: date) -> None:
    """How a queue comes down to the size at which nearly everyone waits less than the target."""
    if seen is None:
        return
    lengths = {code: row for code, row in _lengths(seen).items() if not formats.missing(row["value"])}
    if not lengths:
        return
    parts.section(
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
    weeks = limit.value * WEEKS_IN_MONTH if limit.unit == MONTHS else (last - today).days / DAYS_IN_WEEK
    return max(1, math.floor(weeks))


def _answer_table(rows: Sequence[tuple[str, str]], caption: str, key: str) -> None:
    body = tuple((parts.Cell(name, name), parts.Cell(value, value)) for name, value in rows)
    table = parts.Table((_("What is told"), _("How much")), body, (False, False), caption)
    st.html(parts.table_html(table))
    parts.download(table, key, what=key)


def _assumptions(baseline: int, scaled: bool) -> None:
    """What the figures take for granted, in plain words."""
    parts.section(_("What this takes for granted"))
    said = [
        _(
            "As much care is expected of every period as was given in the same period of {year}. Whether people needed as "
            "much is not known."
        ).format(year=baseline),
        _(
            "Against 2019, months count from March 2020 and years as whole years from 2020; against a later year, all after it."
        ),
        _(
            "A period above the baseline pays debt back. A period without a complete figure is in no sum: missing is not zero."
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
        parts.note(text)


parts.guarded(draw)
