"""The hidden debt of one series as pages ask for it and show it: with its demand, as chart, table and list of services."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from indicators.catalogue.definition import definition
from indicators.engine.question import Answer
from indicators.service_debt.debt import (
    INCOMING,
    PEOPLE,
    VISITS,
    DebtPeriod,
    DebtSeries,
    HiddenDebt,
    counts_from,
    hidden_debt,
)
from indicators.service_debt.demand import Demand, demand_series, demands
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages import charts
from pages.text import names
from pages.text import service_debt as words
from pages.text.tables import Cell, Table, Value, period_cell
from pages.ui import components
from pages.ui.pictures import Caption
from pages.views.service_debt import ServiceDebtView

KINDS = {VISITS: N_("care given"), PEOPLE: N_("people in care"), INCOMING: N_("referrals and notifications")}


@dataclass(frozen=True)
class SeriesDebt:
    """The debt of one series: against the baseline year, and against each demand known of its service, the preferred first."""

    series: DebtSeries
    answer: Answer
    plain: HiddenDebt
    demands: tuple[Demand, ...]
    demand_answers: tuple[Answer, ...]

    @property
    def adjusted(self) -> HiddenDebt | None:
        """The debt against the preferred demand; None where no demand is known."""
        return self.demands[0].adjusted if self.demands else None

    @property
    def has_demand(self) -> bool:
        """Whether demand can say anything of it: of care given alone."""
        return self.series.kind == VISITS

    def adjusted_at(self, at: int) -> DebtPeriod | None:
        """The period of the adjusted debt at the same place as one of the plain debt's."""
        return None if self.adjusted is None else self.adjusted.periods[at]


def series_debt(
    view: ServiceDebtView, series: DebtSeries, *, baseline: int, grain: str, scaled: bool
) -> SeriesDebt:
    """The debt of a series, scaled only where its population is known, and against the demand of its service."""
    start = counts_from(baseline)
    answer = view.series(series, grain)
    population = view.population(series) if scaled else None
    plain = hidden_debt(answer, baseline_year=baseline, start=start, population=population)
    asked = [(one, view.series(one, grain)) for one in demand_series(view.every, series)]
    known = demands(answer, asked, baseline_year=baseline, start=start)
    by_series = dict(asked)
    return SeriesDebt(series, answer, plain, known, tuple(by_series[one.series] for one in known))


def name_of(series: DebtSeries) -> str:
    """A series by its indicator; where it is counted from rows, with its service."""
    short = names.text(definition(series.indicator)).short
    if series.row_level and series.service:
        return f"{names.name('service', series.service)}: {short[:1].lower()}{short[1:]}"
    return short


def demand_sentence(found: SeriesDebt) -> str:
    """Which way demand went and the debt against it; empty of series that are not care given."""
    if not found.has_demand or not found.plain.compared:
        return ""
    return words.demand_finding(
        [(name_of(one.series), one) for one in found.demands], found.plain, found.plain.baseline_year
    )


def balance(found: SeriesDebt, scaled: bool) -> None:
    """The running balance, plain and against demand, and the periods that made it."""
    plain, adjusted = found.plain, found.adjusted
    components.section(_("The running balance"))
    table = _periods_table(found)
    if not plain.compared:
        components.empty(
            _("There is nothing to compare yet"),
            _(
                "A period is compared only where both it and the same period of {year} are complete. Choose another "
                "baseline year, or load the figures of {year}."
            ).format(year=plain.baseline_year),
        )
        if plain.periods:
            components.table_block(table, "balance", what=f"service debt {found.series.key}")
        return
    reading = [
        _(
            "Bars: what each period fell short of the baseline year, below zero what was above it. Line: the debt so far, "
            "never below zero."
        ),
        *_remarks(found, scaled),
    ]
    title = (
        _("Hidden debt against {year}, scaled by residents: {name}")
        if plain.scaled
        else _("Hidden debt against {year}: {name}")
    ).format(year=plain.baseline_year, name=name_of(found.series))
    components.chart_block(
        charts.balance(
            plain.periods,
            [words.hover(one, found.adjusted_at(at)) for at, one in enumerate(plain.periods)],
            str(found.answer.grain),
            formats.unit_word(found.answer.definition),
            () if adjusted is None else adjusted.periods,
        ),
        " ".join(
            text
            for text in (words.hidden_finding(name_of(found.series), plain), demand_sentence(found))
            if text
        ),
        table,
        "balance",
        what=f"service debt {found.series.key}",
        picture=Caption(
            title,
            reading,
            names.name("area", found.answer.area),
            (found.answer, *found.demand_answers),
        ),
    )
    components.how_to_read(*reading)


def _remarks(found: SeriesDebt, scaled: bool) -> list[str]:
    """What belongs to the chart: gaps, scaling, and what the dashed line is."""
    said = [_("A gap is a period that cannot be compared. It is in no sum.")] if found.plain.unknown else []
    if scaled:
        said.append(
            _("What is expected follows the residents of the service's own age group.")
            if found.plain.scaled
            else _("Not scaled: no residents of this service's own age group are loaded.")
        )
    if found.demands:
        said.append(
            _("Dashed line: the debt where what is expected follows demand: {name}.").format(
                name=name_of(found.demands[0].series)
            )
        )
        if found.demands[0].series.kind == PEOPLE:
            said.append(_("People in care are those who got in: who was left without is not seen in it."))
    return said


def _periods_table(found: SeriesDebt) -> Table:
    """One row per period: expected, realised, short, balance; where demand is known, the same against it."""
    plain = found.plain
    rows = []
    for at, one in reversed(list(enumerate(plain.periods))):
        cells: list[Value] = [
            period_cell(one.period.label),
            words.number_cell(one.expected),
            words.number_cell(one.realised),
            Cell(words.signed(one.shortfall), one.shortfall),
            words.number_cell(words.known_balance(one)),
            words.what_it_did(one),
        ]
        adjusted = found.adjusted_at(at)
        if adjusted is not None:
            change = None if adjusted.factor is None else 100 * (adjusted.factor - 1)
            cells += [
                Cell(words.signed_percent(change), change),
                words.number_cell(adjusted.expected),
                words.number_cell(words.known_balance(adjusted)),
            ]
        rows.append(cells)
    header = [
        _("Period"),
        _("Expected ({year})").format(year=plain.baseline_year),
        _("Realised"),
        _("Short"),
        _("Balance"),
        _("What it did"),
    ]
    if found.demands:
        header += [_("Demand, change"), _("Expected by demand"), _("Balance against demand")]
    caption = _("Periods of the debt: {name}").format(name=name_of(found.series))
    return Table.of(caption, header, rows, (1, 2, 3, 4, *range(6, len(header))))


def every_series(
    found: Sequence[SeriesDebt], chosen: DebtSeries, area: str, baseline: int, scaled: bool
) -> None:
    """The debt of every series: care given first, then people and referrals in the same way."""
    components.section(_("Hidden debt by service"))
    components.how_to_read(
        _(
            "Every series of the area in the same way. Care given is the debt itself; people and "
            "referrals show whether the need was the same."
        )
    )
    body, nothing = [], []
    for kind, said in KINDS.items():
        mine = [one for one in found if one.series.kind == kind]
        nothing += [name_of(one.series) for one in mine if not one.plain.compared]
        for one in sorted(mine, key=lambda one: -one.plain.balance):
            if one.plain.compared:
                body.append(_series_row(one, chosen, scaled, _(said)))
    header = (
        _("Service and figure"),
        _("Debt"),
        _("Demand-adjusted debt"),
        _("Demand, change"),
        _("Expected ({year})").format(year=baseline),
        _("Realised"),
        _("Fell short"),
        _("Made up"),
        _("Growth"),
        _("Periods compared"),
        _("What it counts"),
    )
    if body:
        table = Table.of(_("Hidden debt by service, every figure"), header, body, range(1, 9))
        components.table_block(
            table, "services", what=f"service debt {area}", title=_("Every service"), expanded=True
        )
    if nothing:
        components.note(
            _("No information for want of complete figures to compare with {year}: {series}.").format(
                year=baseline, series="; ".join(nothing)
            )
        )


def _series_row(one: SeriesDebt, chosen: DebtSeries, scaled: bool, kind: str) -> tuple[Value, ...]:
    debt, name = one.plain, name_of(one.series)
    mark = _("{name} (opened above)").format(name=name) if one.series == chosen else name
    compared = words.span(debt.compared)
    if scaled and not debt.scaled:
        compared = _("{span}, not scaled").format(span=compared)
    expected = math.fsum(period.expected or 0 for period in debt.compared)
    realised = math.fsum(period.realised or 0 for period in debt.compared)
    counts = (expected, realised, debt.total_shortfall, debt.repaid, debt.above)
    if one.has_demand:
        change = one.demands[0].change_pct if one.demands else None
        against = None if one.adjusted is None else one.adjusted.balance
        adjusted = (words.number_cell(against), Cell(words.signed_percent(change), change))
    else:
        # What is itself demand has none of its own.
        adjusted = (Cell(_("is itself demand"), None),) * 2
    numbers = map(words.number_cell, counts)
    return Cell(mark, name), words.number_cell(debt.balance), *adjusted, *numbers, compared, kind
