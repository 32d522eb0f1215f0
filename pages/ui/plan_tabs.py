"""The depth of planning a queue: what a target takes, scenarios side by side, theory, all numbers and their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import streamlit as st

from indicators.engine.queue_plan import Case, QueuePlan
from indicators.planning.needed import WhatItTakes
from indicators.planning.scenario import BOUGHT, LONGEST, PRODUCERS, PlannedStream, Scenario, Target
from indicators.planning.targets import SHARE
from indicators.planning.told import validation_values, written_json
from indicators.planning.validation import Validation
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import queue_plan as words
from pages.text.audience import in_file_name
from pages.text.tables import Cell, Table, Value
from pages.ui import components, downloads, filters, plan_address, plan_screen
from pages.views.queue_plan import QueuePlanView

#: Address parameters: whom extra visits go to, the price of a visit, and the share of the theory's formulas in per cent.
ORDER, PRICE, SHARE_SERVED = "jarjestys", "hinta", "osuus"
_LONGEST_FIRST, _AS_USUAL = "pisin", "nykyinen"
_PAGE = "queue_plan"


def needed(view: QueuePlanView, found: QueuePlan) -> None:
    """What it takes: the target, the answer without chance and for most runs, or why there is none."""
    _target_form(view.scenario, found.snapshot)
    left, right = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with left:
        order = filters.choice(
            ORDER,
            _("Extra visits go to"),
            {_LONGEST_FIRST: _("the longest waits first"), _AS_USUAL: _("whom usual visits go to")},
            _LONGEST_FIRST,
        )
    with right:
        price = filters.amount(PRICE, _("Price of a visit, €"), None, least=1)
    longest_first = order == _LONGEST_FIRST
    plain = view.needs(longest_first=longest_first, likely=False)
    target = view.scenario.target
    if target.kind == SHARE and found.now.limit_days is None:
        components.note(
            _("No one in this queue has a limit, so no share is within it. Choose another target.")
        )
        return
    components.subheading(words.wanted(target, plain.by))
    if not plain.plain.possible:
        st.warning(words.impossible(plain, target))
        return
    if not plain.plain.monotone:
        st.warning(
            _("More visits in today's order would lower the share: they also go to those within the limit.")
        )
    with st.spinner(_("Trying 1,000 runs …")):
        answer = view.needs(longest_first=longest_first, likely=True)
    components.full_table(_needed_table(found, answer, price), "needed", what="queue plan needed")
    if not answer.plain.extra and not answer.plain.extra_after:
        components.note(_("On average nothing more is needed: the target is met with the visits there are."))
    elif found.has_changes:
        components.note(_("These visits come on top of those of the open scenario."))
    if answer.plain.emptied:
        components.note(_("The target is met only because nobody waits any more."))
    chosen = answer.likely or answer.plain
    if chosen.extra:
        taken = as_scenario(view.scenario, found, answer, price, longest_first=longest_first)
        st.button(_("Use as the scenario"), on_click=_use, args=[taken], key="plan_use", type="primary")


def _use(scenario: Scenario) -> None:
    plan_address.write(scenario)
    if "nakyma" in st.query_params:
        del st.query_params["nakyma"]


def as_scenario(
    scenario: Scenario, found: QueuePlan, answer: WhatItTakes, price: int | None, *, longest_first: bool
) -> Scenario:
    """The scenario with the visits that most runs need, until the week of the target and after it."""
    needs = answer.likely or answer.plain
    first, last = found.snapshot + timedelta(days=1), found.ends[-1]
    turn = found.ends[answer.by - 1]
    order = LONGEST if longest_first else scenario.usual_order

    def stream(visits: int, begins: date, ends: date) -> PlannedStream:
        return PlannedStream(
            _(words.PRODUCERS[BOUGHT]), BOUGHT, begins, ends, float(visits), None, float(price or 0), order
        )

    added = [stream(needs.extra, first, turn)] if needs.extra else []
    if needs.extra_after and turn < last:
        added.append(stream(needs.extra_after, turn + timedelta(days=1), last))
    return replace(scenario, streams=(*scenario.streams, *added))


def _target_form(scenario: Scenario, snapshot: date) -> None:
    target = scenario.target
    kinds = {code: _(text) for code, text in words.TARGETS.items()}
    with st.form(f"plan_target_{target.kind}_{target.value:g}_{target.by}", border=False):
        cells = st.columns([2, 1, 1, 1], gap="small", vertical_alignment="bottom")
        with cells[0]:
            kind = st.selectbox(
                _("Target"),
                list(kinds),
                index=list(kinds).index(target.kind),
                format_func=kinds.__getitem__,
                help=_("What is wanted of the queue by the day, and kept after it."),
            )
        with cells[1]:
            value = st.number_input(_("Level"), min_value=0, value=round(target.value), step=1)
        with cells[2]:
            first = snapshot + timedelta(days=7)
            by = st.date_input(
                _("By the day"),
                value=max(target.by or snapshot + timedelta(weeks=scenario.by_week(snapshot)), first),
                min_value=first,
                format="DD.MM.YYYY",
            )
        with cells[3]:
            sent = st.form_submit_button(_("Compute"), type="primary")
    if sent:
        if kind == SHARE and value > 100:
            st.error(_("A share is at most 100 %. Nothing was computed."))
            return
        day = by if isinstance(by, date) else None
        plan_address.write(replace(scenario, target=Target(kind, float(value), day)))
        st.rerun()


def _needed_table(plan: QueuePlan, answer: WhatItTakes, price: int | None) -> Table:
    rows: list[list[Value]] = []
    for title, found, likely, chance in (
        (_("On average"), answer.plain, False, answer.chance),
        (_("In 80 of 100 runs"), answer.likely, True, None),
    ):
        if found is None or found.extra is None or found.extra_after is None:
            rows.append([title, *[Cell("–", None)] * 4])
            continue
        euros = answer.euros(float(price), len(plan.ends), likely=likely) if price is not None else None
        share = 80 if chance is None else 100 * chance
        rows.append(
            [
                title,
                found.extra,
                found.extra_after,
                Cell(("≥ " if likely else "") + formats.percent(share, 0), share),
                Cell(_("give the price of a visit") if euros is None else formats.euros(euros), euros),
            ]
        )
    header = (
        _("What it takes"),
        _("Visits more a week until week {week}").format(week=answer.by),
        _("after it"),
        _("Runs that keep the target"),
        _("Cost"),
    )
    return Table.of(_("Visits that the target takes"), header, rows, (1, 2, 3, 4), note=words.inputs(plan))


def side_by_side(view: QueuePlanView, found: QueuePlan) -> None:
    """The open scenario beside up to two others, each beside the queue as it is."""
    named = words.many([view.scenario, *view.compared] if found.has_changes else list(view.compared))
    plans = {name: view.plan(one) for name, one in named.items()}
    cases = {_("As today"): found.today, **{name: one.planned for name, one in plans.items()}}
    shown = plan_screen.numbers(view, found)
    components.full_table(
        _case_table(found, cases, shown, view.validation()), "scenarios", what="queue plan scenarios"
    )
    if view.compared:
        st.button(
            _("Compare with nothing"),
            on_click=plan_address.compare_nothing,
            key="plan_alone",
            type="tertiary",
        )


def _case_table(
    found: QueuePlan, cases: dict[str, Case], shown: Sequence[str], tried: Validation | None
) -> Table:
    rows: list[list[Value]] = []
    first = next(iter(cases.values()))
    for name in shown:
        for week in words.READ_AT:
            if week <= len(first.lines["queue"]["median"]):
                title = _("{name}, in {weeks} weeks").format(name=_(words.LINES[name]), weeks=week)
                rows.append([title, *(_at(found, name, case, week) for case in cases.values())])
    if "share" in shown:
        rows.append([_("The target is kept"), *(words.holds_short(case) for case in cases.values())])
        rows.append(
            [_("Runs that keep it in the end"), *(_share(case.holds_chance) for case in cases.values())]
        )
    rows.append([_("Can it go on"), *(_(words.verdict_of(case, tried).word) for case in cases.values())])
    for title, name in (
        (_("Treated in all"), "treated"),
        (_("Left untreated"), "left"),
        (_("Visits unused"), "unused"),
    ):
        rows.append([title, *(round(getattr(case, name)) for case in cases.values())])
    for producer in PRODUCERS:
        if any(case.extra_visits.get(producer) for case in cases.values()):
            title = _("Extra visits, {producer}").format(producer=_(words.PRODUCERS[producer]))
            rows.append([title, *(round(case.extra_visits.get(producer, 0)) for case in cases.values())])
    rows.append([_("Cost"), *(_euros(case.total_euros) for case in cases.values())])
    rows.append(
        [_("Cost for each one treated more"), *(_euros(case.euros_per_treated) for case in cases.values())]
    )
    return Table.of(
        _("Scenarios side by side"),
        (_("What"), *cases),
        rows,
        range(1, len(cases) + 1),
        note=words.inputs(found),
    )


def _at(found: QueuePlan, name: str, case: Case, week: int) -> Cell:
    if name not in case.lines:
        return Cell("–", None)
    return Cell(words.with_band(name, found, case, week), case.at(name, week))


def _share(value: float) -> Cell:
    return Cell(formats.percent(100 * value, 0), 100 * value)


def _euros(value: float | None) -> Cell:
    return Cell("–", None) if value is None else Cell(formats.euros(value), value)


def theory(view: QueuePlanView, found: QueuePlan) -> None:
    """Formulas beside the simulation, for a share that is to be served within the limit."""
    share = filters.amount(SHARE_SERVED, _("Share to be served within the limit, %"), 98, least=1) or 98
    share = min(share, 99)
    told, case = view.theory(share / 100), found.planned
    rows: list[list[Value]] = [
        [
            _("Demand a week, less usual leavers"),
            _number(told.demand),
            _number(found.now.arrivals_a_week * (1 - found.now.usual_leaving)),
        ],
        [
            _("Load: demand ÷ visits"),
            Cell(formats.percent(100 * told.load, 0), 100 * told.load),
            Cell("–", None),
        ],
        [_("Mean wait that the share asks for, weeks"), _number(told.target_mean_weeks), Cell("–", None)],
        [_("Queue that the share allows"), _number(told.target_queue), _number(case.steady_queue)],
        [_("Pressure: above 1 waits are too long"), _number(told.pressure, 2), Cell("–", None)],
        [
            _("Visits a week that keep the queue there"),
            _number(told.sustainable_visits),
            _number(case.needed_visits_a_week),
        ],
        [_("Visits a week that clear it in 26 weeks"), _number(told.relief_visits), Cell("–", None)],
        [_("All visits for each one treated"), _number(told.visits_per_treated), Cell("–", None)],
    ]
    header = (_("What"), _("By formula"), _("By simulation"))
    components.note(
        _(
            "The formula says which queue and visits keep the share, the simulation where the queue settles with the visits "
            "there are: they need not agree."
        )
    )
    components.full_table(
        Table.of(_("Theory beside simulation"), header, rows, (1, 2)), "theory", what="queue plan theory"
    )
    components.how_to_read(
        _(
            "The formulas take waits as exponential and weeks as alike: a share of 98 % asks for a mean wait of a quarter of the "
            "limit. The simulation follows the queue's own weeks; where the two differ much, trust the simulation."
        )
    )


def _number(value: float | None, decimals: int = 1) -> Cell:
    return Cell("–", None) if value is None else Cell(formats.number(value, decimals), value)


def numbers(view: QueuePlanView, found: QueuePlan) -> None:
    """Every week as a table with its files: as CSV, and the whole plan with its inputs and seed as JSON."""
    table = week_table(found, plan_screen.numbers(view, found))
    components.full_table(table, "weeks", what="queue plan weeks")
    components.note(words.seed(found.seed))
    if not view.is_exact:
        # Some numbers of the whole plan are of few.
        return
    taker = downloads.Taker.of_run()
    values = dict(found.values) | {"validation": validation_values(view.validation())}
    if not found.has_changes:
        values |= {"planned": values["today"]}

    def made() -> bytes:
        taker.log(_PAGE, "queue plan", len(found.ends))
        return written_json(values).encode()

    downloads.button(
        _("Download the plan with its inputs (JSON)"),
        partial(made),
        name=f"{_PAGE}_{found.snapshot.isoformat()}_{in_file_name()}.json",
        mime="application/json",
        key="download_plan_json",
        icon="download",
    )


def week_table(found: QueuePlan, shown: Sequence[str]) -> Table:
    """The known and the expected weeks, with what they came from in every row of the file."""
    cases = {_("as today"): found.today}
    if found.has_changes:
        cases[found.scenario.name] = found.planned
    header = [_("Week until"), _("Known or expected")]
    rows: list[list[Value]] = []
    for name in shown:
        header += [f"{_(words.LINES[name])}, {title}" for title in cases]
    for at, day in enumerate(found.history.days):
        cells: list[Value] = []
        for name in shown:
            value = found.history.of(name)[at]
            cells += [Cell(words.shown(name, value), value)] * len(cases)
        rows.append([Cell(formats.day(day), day.isoformat()), _("known"), *cells])
    for week, day in enumerate(found.ends, start=1):
        cells = [_at(found, name, case, week) for name in shown for case in cases.values()]
        rows.append([Cell(formats.day(day), day.isoformat()), _("expected"), *cells])
    return Table.of(
        _("The queue week by week"), header, rows, range(2, len(header)), note=words.inputs(found)
    )
