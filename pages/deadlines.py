"""Deadlines: social welfare, mental health and substance pathways, and referrals: due, met, late, still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period
from indicators.engine.choices import is_told, last_day
from indicators.engine.published_series import demo_stands_apart
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer
from indicators.programme.targets import read_targets
from indicators.programme.verdicts import Target
from pages import charts
from pages.charts import theme
from pages.text import deadlines as deadline_words
from pages.text import formats, names, sentences
from pages.text import signals as signal
from pages.text.tables import answer_table, worst_first
from pages.text.tiles import Tile
from pages.text.translations import _
from pages.ui import cache, components, filters

SOCIAL, OVERDUE = definition("social_welfare_deadlines"), definition("social_welfare_overdue")
NOTIFICATIONS, NOTIFICATION_DAYS = (
    definition("child_welfare_7_weekdays"),
    definition("child_welfare_notification_days"),
)
CHILDREN_90, CHILDREN_3M = (
    definition("child_family_needs_assessment_90d"),
    definition("child_family_needs_assessment_3m"),
)
MENTAL = (definition("mental_health_first_contact_7d"), definition("mental_health_guarantee"))
SUBSTANCE = (definition("substance_services_first_contact_7d"), definition("substance_services_access"))
#: Who was not contacted in time in a period, and who still waits on its last day.
NOT_CONTACTED = (
    definition("mental_health_not_contacted_in_week"),
    definition("mental_health_still_without_contact"),
)
REFERRALS = definition("referral_handling")
SHOWN = (
    *(SOCIAL, OVERDUE, NOTIFICATIONS, NOTIFICATION_DAYS, CHILDREN_90, CHILDREN_3M),
    *(*MENTAL, *NOT_CONTACTED, *SUBSTANCE, REFERRALS),
)
#: The narrowest that two charts stand side by side, in pixels.
PAIR_WIDTH = 420


def draw() -> None:
    """The page."""
    head = st.container()
    chosen = filters.row(
        "cases",
        ("area",),
        grains=("month", "quarter", "year"),
        grain="quarter",
        span="104vk",
        last=_last_day,
    )
    answers = {d.id: cache.ask(chosen.question(d)) for d in SHOWN}
    social = answers[SOCIAL.id]
    at = sentences.telling_row(social.rows)
    row = None if at is None else social.rows.iloc[at].to_dict()
    period = None if row is None else Period(row["period_start"], row["period_end"], row["period"])
    by_service = None if period is None else _of(chosen, SOCIAL, period, "service")
    with head:
        components.heading(
            _("Deadlines"),
            deadline_words.finding(
                row,
                _same(answers[OVERDUE.id], row),
                SOCIAL,
                _worst(by_service),
                None if row is None else sentences.Incomplete.of(row, social, cache.today()),
            ),
            *answers.values(),
        )
    if all(_nothing(answer) for answer in answers.values()):
        components.empty(
            _("There are no cases to show"),
            _(
                "Neither cases of social welfare, pathways nor referrals are loaded for this area. Choose another area, "
                "or load an extract on the page for loading data."
            ),
        )
        components.definition_block(*SHOWN)
        return
    targets = _targets(chosen.area)
    components.tiles(
        [
            # What is open and late is that of the period the finding speaks of.
            _tile(answers[d.id], targets.get(d.id, ()), of=row if d is OVERDUE else None, first=d is SOCIAL)
            for d in SHOWN[:4]
        ]
    )
    if period is not None:
        _social(chosen, answers, period, by_service, targets)
    _side_by_side(
        _("Child welfare notifications"),
        _(
            "Measured is the decision whether an assessment is started: the share by the seventh weekday, and the mean "
            "calendar days. The Act asks that the assessment is begun by the seventh weekday. The extracts do not tell that: "
            "notifications and assessments share no number."
        ),
        (NOTIFICATIONS, NOTIFICATION_DAYS), answers, chosen.grain, targets,
    )  # fmt: skip
    _side_by_side(
        _("Service-need assessments of families with children"),
        deadline_words.families_lead(
            support_is_told=cache.cached_call(is_told, "cases", "special_support", chosen.area)
        ),
        (CHILDREN_90, CHILDREN_3M), answers, chosen.grain, targets,
    )  # fmt: skip
    two_parts = _(
        "Two parts: a first assessment within seven days of the request, and care within the statutory limit. The target is "
        "held against the second."
    )
    _side_by_side(_("Mental health"), two_parts, MENTAL, answers, chosen.grain, targets)
    _side_by_side(
        _("Not contacted within a week"),
        _(
            "Left: clients whose first assessment came more than seven days after the request or has not come, in the "
            "period of the eighth day. Right: those still without one on the last known day of the period."
        ),
        NOT_CONTACTED, answers, chosen.grain, targets,
    )  # fmt: skip
    _side_by_side(_("Substance services"), two_parts, SUBSTANCE, answers, chosen.grain, targets)
    _referrals(chosen, answers[REFERRALS.id], targets)
    cited = [t.cited_source for mine in targets.values() for t in mine if t.cited_source]
    components.sources(*answers.values(), cited=cited)
    components.definition_block(*SHOWN)


def _last_day(area: str) -> date | None:
    """The last day of which any case or referral of an area is known."""
    days = [cache.cached_call(last_day, dataset, area) for dataset in ("cases", "referrals")]
    return max((day for day in days if day is not None), default=None)


def _nothing(answer: Answer) -> bool:
    """Whether nothing was counted from rows: published figures alone are told elsewhere."""
    known = answer.rows[answer.rows["status"] != NO_DATA]
    return known.empty or bool(known["cited_source"].notna().all())


def _targets(area: str) -> Mapping[str, tuple[Target, ...]]:
    """The area's targets by indicator, for the indicators shown."""
    shown = {d.id for d in SHOWN}
    found: dict[str, tuple[Target, ...]] = {}
    for target in cache.cached_call(read_targets, area):
        if target.indicator in shown:
            found[target.indicator] = (*found.get(target.indicator, ()), target)
    return found


def _same(answer: Answer, row: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The row of an answer for the period of another's."""
    if row is None:
        return None
    mine = answer.rows[answer.rows["period"] == row["period"]]
    return None if mine.empty else mine.iloc[0].to_dict()


def _of(chosen: filters.Chosen, found: Definition, period: Period, split: str) -> Answer:
    question = chosen.question(found, splits=(split,))
    return cache.ask(replace(question, by=None, date_from=None, periods=(period,)))


def _worst(by_service: Answer | None) -> str:
    """The service that kept fewest of its deadlines, with its share; empty where fewer than two can be compared."""
    if by_service is None:
        return ""
    rows = by_service.rows[by_service.rows["value"].notna()]
    if len(rows) < 2:
        return ""
    worst = worst_first(rows, SOCIAL).iloc[0].to_dict()
    return f"{names.name('service', worst['service'])} {formats.value(worst['value'], SOCIAL)}"


def _tile(
    answer: Answer, targets: Sequence[Target], *, of: Mapping[str, Any] | None = None, first: bool = False
) -> Tile:
    """The newest complete value of an indicator with what it rests on, its target and its small line.

    With `of`, a row of another answer, that of its period, where there is one.
    """
    found = answer.definition
    at = sentences.telling_row(answer.rows)
    if of is not None and of["period"] in list(answer.rows["period"]):
        at = list(answer.rows["period"]).index(of["period"])
    if at is None:
        return Tile(names.text(found).short, formats.status_word(NO_DATA))
    row = answer.rows.iloc[at].to_dict()
    found = deadline_words.beside_targets(targets, row, found)
    details = [formats.period(row["period"])]
    if not formats.missing(row["as_of"]):
        details = [_("on {day}").format(day=formats.day(row["as_of"]))]
    if not formats.missing(row["denominator"]) and row["status"] != NO_DENOMINATOR:
        details.append(_("n = {n}").format(n=formats.number(row["denominator"])))
    if row["status"] == INCOMPLETE:
        details.append(formats.status_word(INCOMPLETE))
    target = deadline_words.target_line(targets, row, found)
    if target:
        details.append(target)
    return Tile(
        names.text(found).short,
        formats.cell(row, found),
        tuple(details),
        trend=tuple(answer.rows["value"].iloc[: at + 1]),
        trend_words=_("{name} over time").format(name=names.text(found).short),
        first=first,
    )


def _social(
    chosen: filters.Chosen,
    answers: Mapping[str, Answer],
    period: Period,
    by_service: Answer | None,
    targets: Mapping[str, Sequence[Target]],
) -> None:
    """All deadlines of social welfare together: by client group and unit, and over time."""
    social = answers[SOCIAL.id]
    if _nothing(social):
        return
    components.section(
        _("Social welfare: due, met, late, still open"),
        _(
            "{period}. Child welfare notifications: decision by the 7th weekday. Assessments of families in need of special "
            "support: ready in 3 months. Assessments of people over 75 or with the highest care allowance: started by the 7th "
            "weekday. Each is in the period of its due day. Late are also those that are not done yet; still open and already "
            "late is told on the last known day."
        ).format(period=formats.capital(formats.period(period.label))),
    )
    for split, shares in (("service", by_service), ("unit", _of(chosen, SOCIAL, period, "unit"))):
        if shares is None or shares.rows.empty:
            continue
        overdue = _of(chosen, OVERDUE, period, split)
        silent = overdue.missing_units.get(period.label, ()) if split == "unit" else ()
        table = deadline_words.cases_table(shares.rows, overdue.rows, split, SOCIAL, silent)
        components.show_table(table)
        components.download(table, f"deadlines_{split}", what=f"{SOCIAL.id} by {split}")
    _side_by_side(
        _("Over time"),
        "",
        (SOCIAL, OVERDUE),
        answers,
        chosen.grain,
        targets,
        colours={OVERDUE.id: theme.LIMIT},
    )


def _side_by_side(
    title: str,
    lead: str,
    shown: Sequence[Definition],
    answers: Mapping[str, Answer],
    grain: str,
    targets: Mapping[str, Sequence[Target]],
    colours: Mapping[str, str] | None = None,
) -> None:
    """Indicators beside each other: newest value, trend with the targets, table."""
    known = [found for found in shown if not _nothing(answers[found.id])]
    components.section(title, lead)
    if not known:
        components.note(_("No extract of these is loaded for this area."))
        return
    cells = st.grid(min_column_width=PAIR_WIDTH, gap="medium")
    for found in known:
        with cells.container():
            _one(
                answers[found.id], grain, targets.get(found.id, ()), (colours or {}).get(found.id, theme.OURS)
            )


def _one(answer: Answer, grain: str, targets: Sequence[Target], colour: str) -> None:
    """One indicator over time."""
    found, rows = answer.definition, answer.rows
    if answer.demo and cache.cached_call(demo_stands_apart, found.id, answer.area):
        # Demo rows beside a published series are held against no target.
        targets = ()
    named = names.text(found)
    st.subheader(named.name, anchor=False)
    at = sentences.telling_row(rows)
    if at is not None:
        row = rows.iloc[at].to_dict()
        shown = deadline_words.beside_targets(targets, row, found)
        said = f"{formats.capital(formats.period(row['period']))}: {formats.marked(row, shown)}"
        if not formats.missing(row["denominator"]) and row["status"] != NO_DENOMINATOR:
            said += " (" + _("n = {n}").format(n=formats.number(row["denominator"])) + ")"
        components.note(" ".join([said + ".", deadline_words.target_line(targets, row, found)]).strip())
    if not rows["value"].notna().any() and not rows["low"].notna().any():
        words = _("Hidden in every period: there are so few cases. Choose a longer period.")
        if not (rows["status"] == SUPPRESSED).any():
            words = formats.status_word(NO_DENOMINATOR)
        components.note(words)
        components.table_block(answer_table(rows, found, caption=named.name), found.id, what=found.id)
        return
    steps = [
        charts.Step(target.period.start, target.period.end, target.value, "")
        for target in targets
        if target.value is not None and target.unit == found.unit
    ]
    drawn = [step for step in steps if step.end >= rows["period_start"].min()]
    remarks = [_("Green: the target in its period.")] if drawn else []
    seams = signal.seams(answer)
    breaks = [charts.Break(seam.date, _("break")) for seam in seams]
    remarks += [f"{formats.day(seam.date)}: {seam.reason}" for seam in seams]
    if (rows["status"] == INCOMPLETE).any():
        remarks.append(_("A hollow point: the period is not complete."))
    if rows["low"].notna().any():
        remarks.append(_("A bar is the interval of a hidden share; a gap is a hidden or empty period."))
    elif (rows["status"] == SUPPRESSED).any():
        remarks.append(_("A gap is a period that is hidden, not complete or empty."))
    components.chart_block(
        charts.trend(rows, found, grain, targets=drawn, breaks=breaks, colour=colour),
        _("{name} over time").format(name=named.name),
        answer_table(rows, found, caption=named.name),
        found.id,
        what=found.id,
        remark=" ".join(remarks),
    )


def _referrals(chosen: filters.Chosen, answer: Answer, targets: Mapping[str, Sequence[Target]]) -> None:
    """Referrals handled within three weeks: over time and by unit, fewest first."""
    _side_by_side(
        _("Referrals handled within three weeks"),
        _(
            "By the period of arrival; a period is judged once the 21 days of all its referrals are over. The Act is about "
            "when the assessment is begun; the extract shows when the referral was handled."
        ),
        (REFERRALS,), {REFERRALS.id: answer}, chosen.grain, targets,
    )  # fmt: skip
    at = sentences.telling_row(answer.rows)
    if _nothing(answer) or at is None:
        return
    row = answer.rows.iloc[at]
    by_unit = _of(chosen, REFERRALS, Period(row["period_start"], row["period_end"], row["period"]), "unit")
    if by_unit.rows.empty:
        return
    components.note(_("By unit, {period}, fewest first.").format(period=formats.period(row["period"])))
    units = names.names("unit", list(by_unit.rows["unit"]))
    components.chart_block(
        charts.ranked(by_unit.rows, REFERRALS, "unit", units),
        _("Referrals handled within three weeks by unit, fewest first"),
        answer_table(by_unit.rows, REFERRALS, ("unit",), caption=_("Referrals by unit")),
        "referrals_by_unit",
        what=f"{REFERRALS.id} by unit",
    )


components.guarded(draw)
