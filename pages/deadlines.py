"""Deadlines of social welfare, mental health and substance services, and of referrals: met, late, still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period
from indicators.engine.choices import has_values, last_day
from indicators.engine.published_series import demo_is_separate
from indicators.engine.question import Answer
from indicators.programme.targets import read_targets
from indicators.programme.verdicts import Target
from indicators.wording import colours, formats
from indicators.wording.translations import N_, _
from pages import charts
from pages.sheet import action_list, sheet_grid
from pages.text import deadlines as words
from pages.text import names, sentences, signals
from pages.text.tables import answer_table
from pages.ui import cache, components, filters, sheet
from pages.ui.pictures import Caption
from pages.ui.tables import explained, sorted_html, sorted_table
from pages.views.deadlines import (
    CHILDREN,
    MENTAL,
    NOT_CONTACTED,
    NOTIFICATIONS,
    OVERDUE,
    REFERRALS,
    SHOWN,
    SOCIAL,
    SUBSTANCE,
    DeadlinesView,
    nothing_counted,
)

#: The tabs, by what is in them, each with the indicators that it shows over time.
VIEW = "nakyma"
WELFARE, FAMILIES, MIND, ARRIVALS = "sosiaalihuolto", "perheet", "mielenterveys", "lahetteet"
TABS = {
    WELFARE: N_("Social welfare"),
    FAMILIES: N_("Children and families"),
    MIND: N_("Mental health and substance use"),
    ARRIVALS: N_("Referrals"),
}
IN_TAB = {
    WELFARE: (SOCIAL, OVERDUE),
    FAMILIES: (*NOTIFICATIONS, *CHILDREN),
    MIND: (*MENTAL, *NOT_CONTACTED, *SUBSTANCE),
    ARRIVALS: (REFERRALS,),
}
#: The narrowest that two charts are shown side by side, in pixels.
PAIR_WIDTH = 420


def draw() -> None:
    """The page."""
    head = st.container()
    chosen = filters.row(
        "cases",
        ("area",),
        filters.Offer(grains=("month", "quarter", "year"), grain="quarter", span="104vk"),
        last=_last_day,
    )
    view = DeadlinesView.of(chosen)
    answers = {d.id: view.ask(chosen.question(d)) for d in SHOWN}
    social = answers[SOCIAL.id]
    row = None if view.period is None else _row_of(social, view.period.label)
    by_service = None if row is None else view.ask(view.by("service", SOCIAL))
    with head:
        components.title(_("Deadlines"), *answers.values())
    components.finding(
        words.finding(
            row,
            None if row is None else _row_of(answers[OVERDUE.id], row["period"]),
            SOCIAL,
            words.lowest(by_service, "service", SOCIAL),
            None if row is None else sentences.Incomplete.of(row, social, cache.today()),
        )
    )
    if all(nothing_counted(answer) for answer in answers.values()):
        components.empty(
            _("There are no cases to show"),
            _(
                "Neither cases of social welfare, pathways nor referrals are loaded for this area. Choose another area, "
                "or load an extract on the page for loading data."
            ),
        )
        components.definition_block(*SHOWN)
        return
    targets = _targets(view)
    _first_screen(view, answers, targets, row)
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    over_time = _OverTime(answers, targets, chosen.grain)
    with place:
        if opened == WELFARE:
            _welfare(view, over_time, by_service)
        elif opened == FAMILIES:
            _families(view, over_time)
        elif opened == MIND:
            _mind(over_time)
        else:
            _referrals(view, over_time)
    shown = IN_TAB[opened]
    cited = [
        t.cited_source for found in shown for t in targets.get(found.id, ()) if t.cited_source is not None
    ]
    components.sources(*(answers[found.id] for found in shown), cited=cited)
    components.definition_block(*shown)


def _first_screen(
    view: DeadlinesView,
    answers: Mapping[str, Answer],
    targets: Mapping[str, tuple[Target, ...]],
    row: Mapping[str, Any] | None,
) -> None:
    """The share of social welfare, what to do, and every deadline in a row: its newest value beside its target."""
    latest = [
        # What is open and late is that of the period of the finding.
        words.Latest.of(answers[d.id], targets.get(d.id, ()), of=row if d is OVERDUE else None)
        for d in SHOWN
    ]
    tab_of = {d.id: code for code, found in IN_TAB.items() for d in found}
    links = {d.id: components.link_here({VIEW: tab_of[d.id]}) for d in SHOWN}
    late = None
    if view.period is not None and not nothing_counted(answers[OVERDUE.id]):
        late = view.ask(view.by("unit", OVERDUE))
    to_do = words.actions({one.definition.id: one for one in latest}, late, links)
    nothing = _("Nothing asks for action: no case is late.")
    asked = action_list(_("What to do"), to_do, "" if to_do else nothing)
    known = sorted((one for one in latest if one.row is not None), key=lambda one: -(one.late or 0))
    table = sorted_html(
        words.latest_table(known),
        "deadlines",
        links=[links[one.definition.id] for one in known],
        heading=_("Every deadline, its newest period"),
    )
    sheet.show(sheet_grid(words.number(latest[0]) + asked, table), key="first")


def _last_day(area: str) -> date | None:
    """The last day of which any case or referral of an area is known."""
    days = [DeadlinesView.read(last_day, dataset, area) for dataset in ("cases", "referrals")]
    return max((day for day in days if day is not None), default=None)


def _targets(view: DeadlinesView) -> Mapping[str, tuple[Target, ...]]:
    """The area's targets by indicator, for the indicators shown."""
    shown = {d.id for d in SHOWN}
    found: dict[str, tuple[Target, ...]] = {}
    for target in view.read(read_targets, view.chosen.area):
        if target.indicator in shown:
            found[target.indicator] = (*found.get(target.indicator, ()), target)
    return found


def _row_of(answer: Answer, label: str) -> dict[str, Any] | None:
    """The row of an answer for a period; None where it has none."""
    mine = answer.rows[answer.rows["period"] == label]
    return None if mine.empty else mine.iloc[0].to_dict()


def _families(view: DeadlinesView, over_time: _OverTime) -> None:
    over_time.draw(
        _("Child welfare notifications"),
        _(
            "Measured is the decision whether an assessment is started: the share by the seventh "
            "weekday, and the mean calendar days. The Act asks that the assessment is begun by the "
            "seventh weekday. The extracts do not show that: notifications and assessments share no "
            "number."
        ),
        NOTIFICATIONS,
    )
    support_is_told = view.read(has_values, "cases", "special_support", view.chosen.area)
    over_time.draw(
        _("Service-need assessments of families with children"),
        words.families_lead(support_is_told=support_is_told),
        CHILDREN,
    )


def _mind(over_time: _OverTime) -> None:
    two_parts = _(
        "Two parts: a first assessment within seven days of the request, and care within the "
        "statutory limit. The second is compared with the target."
    )
    over_time.draw(_("Mental health"), two_parts, MENTAL)
    over_time.draw(
        _("Not contacted within a week"),
        _(
            "Left: clients whose first assessment came more than seven days after the request or has not come, in the "
            "period of the eighth day. Right: those still without one on the last known day of the period."
        ),
        NOT_CONTACTED,
    )
    over_time.draw(_("Substance services"), two_parts, SUBSTANCE)


def _welfare(view: DeadlinesView, over_time: _OverTime, by_service: Answer | None) -> None:
    if (
        view.period is not None
        and by_service is not None
        and not nothing_counted(over_time.answers[SOCIAL.id])
    ):
        _social(view, view.period, by_service)
    over_time.draw(_("Over time"), "", (SOCIAL, OVERDUE), colour_of={OVERDUE.id: colours.LIMIT})


def _social(view: DeadlinesView, period: Period, by_service: Answer) -> None:
    explained(
        _("Social welfare: due, met, late, still open"),
        _(
            "{period}. Child welfare notifications: decision by the 7th weekday. Assessments of "
            "families in need of special support: ready in 3 months. Assessments of people over 75 "
            "or with the highest care allowance: started by the 7th weekday. Each is in the period "
            "of its due day. Those that are not done yet are late too; those still open and already "
            "late are counted on the last known day."
        ).format(period=formats.capital(formats.period(period.label))),
    )
    for split, shares in (("service", by_service), ("unit", view.ask(view.by("unit", SOCIAL)))):
        if shares.rows.empty:
            continue
        overdue = view.ask(view.by(split, OVERDUE))
        silent = overdue.missing_units.get(period.label, ()) if split == "unit" else ()
        table = words.cases_table(shares.rows, overdue.rows, split, SOCIAL, silent)
        sorted_table(table, f"deadlines_{split}", what=f"{SOCIAL.id} by {split}")


@dataclass(frozen=True)
class _OverTime:
    """Indicators over time next to each other: the newest value, the trend with the targets, the table."""

    answers: Mapping[str, Answer]
    targets: Mapping[str, Sequence[Target]]
    grain: str

    def draw(
        self, title: str, lead: str, shown: Sequence[Definition], colour_of: Mapping[str, str] | None = None
    ) -> None:
        """A section with some indicators; a note where nothing is known of any."""
        if lead:
            explained(title, lead)
        else:
            components.section(title)
        known = [found for found in shown if not nothing_counted(self.answers[found.id])]
        if not known:
            components.note(_("No extract of these is loaded for this area."))
            return
        cells = st.grid(min_column_width=PAIR_WIDTH, gap="medium")
        for found in known:
            with cells.container():
                self._one(self.answers[found.id], (colour_of or {}).get(found.id, colours.OURS))

    def _one(self, answer: Answer, colour: str) -> None:
        found, rows = answer.definition, answer.rows
        targets = self.targets.get(found.id, ())
        if answer.demo and DeadlinesView.read(demo_is_separate, found.id, answer.area):
            # Demo rows next to a published series are compared with no target.
            targets = ()
        name, table = names.text(found).name, answer_table(rows, found, caption=names.text(found).name)
        st.subheader(name, anchor=False)
        at = sentences.finding_row(rows)
        if at is not None:
            components.note(words.newest(rows.iloc[at].to_dict(), targets, found))
        if not rows["value"].notna().any() and not rows["low"].notna().any():
            components.note(words.nothing_drawn(rows))
            components.table_block(table, found.id, what=found.id)
            return
        steps = [
            charts.Step(target.period.start, target.period.end, target.value, "")
            for target in targets
            if target.value is not None and target.unit == found.unit
        ]
        drawn = [step for step in steps if step.end >= rows["period_start"].min()]
        seams = signals.seams(answer)
        breaks = [charts.Break(seam.date, _("break")) for seam in seams]
        components.chart_block(
            charts.trend(rows, found, self.grain, targets=drawn, breaks=breaks, colour=colour),
            _("{name} over time").format(name=name),
            table,
            found.id,
            what=found.id,
            picture=Caption(name, scope=_scope(answer), answers=(answer,)),
            remark=words.chart_remark(rows, seams, has_targets=bool(drawn)),
        )


def _referrals(view: DeadlinesView, over_time: _OverTime) -> None:
    over_time.draw(
        _("Referrals handled within three weeks"),
        _(
            "By the period of arrival; a period is judged once the 21 days of all its referrals are over. The Act is about "
            "when the assessment is begun; the extract shows when the referral was handled."
        ),
        (REFERRALS,),
    )
    period = view.referral_period
    if period is None or nothing_counted(over_time.answers[REFERRALS.id]):
        return
    answer = view.ask(view.by("unit", REFERRALS))
    rows = answer.rows
    if rows.empty:
        return
    components.note(_("By unit, {period}, fewest first.").format(period=formats.period(period.label)))
    components.chart_block(
        charts.ranked(rows, REFERRALS, "unit", names.names("unit", list(rows["unit"]))),
        _("Referrals handled within three weeks by unit, fewest first"),
        answer_table(rows, REFERRALS, ("unit",), caption=_("Referrals by unit")),
        "referrals_by_unit",
        what=f"{REFERRALS.id} by unit",
        picture=Caption(
            names.by(REFERRALS, "unit", formats.period(period.label)), scope=_scope(answer), answers=(answer,)
        ),
    )


def _scope(answer: Answer) -> str:
    return names.scope(answer.question.area, answer.question.where)


components.guarded(draw)
