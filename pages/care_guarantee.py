"""Care guarantee, week by week: which share of non-urgent visits was reached in seven days and within the law."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from indicators.analysis.change import change_against
from indicators.analysis.control_chart import SpcResult
from indicators.analysis.decomposition import MixResult, share_mix
from indicators.analysis.distribution import Distribution, distribution
from indicators.analysis.stages import STAGES, Stages, stages
from indicators.catalogue.dimensions import filters_of
from indicators.catalogue.limits import changes_of
from indicators.catalogue.periods import Period
from indicators.engine.choices import last_day
from indicators.engine.question import INCOMPLETE, NO_DATA, SUPPRESSED, Answer
from indicators.programme.annotations import annotations_for
from indicators.programme.targets import TargetResult, target_result
from indicators.programme.verdicts import Target
from indicators.wording import colours, formats
from indicators.wording.translations import N_, _, language
from pages import charts
from pages.charts.levels import limit_marks, target_around_period
from pages.text import care_guarantee as words
from pages.text import causes, names, sentences, signals
from pages.text.sentences import Incomplete
from pages.text.tables import answer_table, worst_first
from pages.ui import address, cache, components, filters
from pages.ui.signals import link_to_changes, signal_block
from pages.views.care_guarantee import (
    BEFORE,
    COMPARED_WEEKS,
    MIX_SPLITS,
    SEVEN_DAYS,
    WAITS,
    WITHIN_LIMIT,
    YEAR_AGO,
    CareGuaranteeView,
)
from pages.views.selection import Selection

#: Earlier periods that the newest is compared with.
EARLIER = 4
#: In the address: what a change is compared with, the split of the stages, what is compared.
AGAINST, STAGES_BY, COMPARED_BY = "muutos", "vaiheet", "vertaa"
COMPARISONS = {BEFORE: N_("the 13 weeks before"), YEAR_AGO: N_("the same weeks a year before")}
THAN = {BEFORE: N_("in the 13 weeks before"), YEAR_AGO: N_("in the same weeks a year before")}
STAGE_SPLITS = {"unit": N_("units"), "profession": N_("professions")}
COMPARED = {"unit": N_("units"), "service": N_("services")}


def draw() -> None:
    """The page, from the finding to the sources."""
    head = st.container()
    chosen = filters.row(
        "visits",
        filters_of("visits"),
        filters.Offer(defaults=SEVEN_DAYS.headline_scope, grains=("week", "month", "quarter")),
        last=partial(CareGuaranteeView.read, last_day, "visits"),
    )
    view = CareGuaranteeView.of(
        chosen,
        address.selected(AGAINST, COMPARISONS, BEFORE),
        address.selected(COMPARED_BY, COMPARED, "unit"),
    )
    answer = view.ask(view.series)
    at = sentences.finding_row(answer.rows)
    row = None if at is None else answer.rows.iloc[at].to_dict()
    judged = _judged(view)
    with head:
        components.title(_("Care guarantee"), answer)
    components.finding(_finding(answer, at, view.target, judged))
    if row is None or row["status"] == NO_DATA or view.recent is None:
        components.empty(
            _("There are no visits to show"),
            _(
                "Either no visit extract has been loaded for this area, or nothing fits the filters. "
                "Clear the filters, choose another area, or load an extract."
            ),
        )
        components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)
        return
    view = replace(view, finding=Period(row["period_start"], row["period_end"], row["period"]))
    limits = view.ask(view.within_limit)
    below_finding = st.container()
    _numbers(view, answer, at or 0, limits)
    _split(view, view.recent)
    usual = signals.judgement(judged, row["period"])[0]
    changed = _change(view, newest_deviates=usual is False)
    with below_finding:
        components.subheading(changed)
    _trend(view, answer)
    _signal(view, judged)
    _waits(view, view.recent)
    _stages(view)
    _comparison(view, view.recent)
    cited = [view.target.cited_source] if view.target and view.target.cited_source else []
    components.sources(answer, limits, cited=cited)
    components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)


def _judged(view: CareGuaranteeView) -> SpcResult:
    """The XmR chart of all the periods there are, in the grain selected."""
    units = view.chosen.of("unit")
    breaks = signals.breaks_of(SEVEN_DAYS.id, view.chosen.area, units[0] if len(units) == 1 else None)
    level = None if view.target is None else view.target.value
    return signals.series(view.ask(view.whole), level, breaks)


def _finding(answer: Answer, at: int | None, target: Target | None, judged: SpcResult) -> str:
    if at is None:
        return words.seven_days(None, SEVEN_DAYS, cache.settings())
    rows = answer.rows
    usual, why = signals.judgement(judged, rows["period"].iloc[at])
    row, today = rows.iloc[at].to_dict(), cache.today()
    later = rows.iloc[at + 1 :].to_dict("records")
    return words.seven_days(
        row,
        SEVEN_DAYS,
        cache.settings(),
        target=target,
        change=change_against(answer, at, EARLIER),
        usual=usual,
        why=why,
        itself=Incomplete.of(row, answer, today),
        waiting=[Incomplete.of(one, answer, today) for one in later if one["status"] == INCOMPLETE],
    )


def _numbers(view: CareGuaranteeView, answer: Answer, at: int, limits: Answer) -> None:
    rows, settings = answer.rows, cache.settings()
    row = rows.iloc[at].to_dict()
    trend = rows.iloc[max(0, at - COMPARED_WEEKS + 1) : at + 1]["value"].tolist()
    title = _("Within seven days, {period}").format(period=formats.period(row["period"]))
    change = change_against(answer, at, EARLIER)
    tile = words.share_tile(title, row, SEVEN_DAYS, settings, target=view.target, change=change)
    shown = [replace(tile, trend=tuple(trend), trend_words=words.trend_words(len(trend)), first=True)]
    if view.target is not None and view.judges_target:
        result: TargetResult = view.read(target_result, settings, view.target, as_of=cache.today())
        shown.append(words.target_tile(result, SEVEN_DAYS))
    if len(limits.rows):
        law = limits.rows.iloc[0].to_dict()
        title = _("Within the limit of the law, {period}").format(period=formats.period(law["period"]))
        tile = words.share_tile(title, law, WITHIN_LIMIT, settings)
        remark = _("First visits only; the limit is another than the seven days.")
        shown.append(replace(tile, details=(*tile.details, remark)))
    components.tiles(shown)


def _split(view: CareGuaranteeView, recent: Period) -> None:
    components.section(
        _("The same visits by profession and contact mode"),
        _(
            "Visits to nurses and remote contacts come about quickly and raise the share of all: "
            "look at each for itself. The last {weeks} weeks, {span}, as a single week has too few of each."
        ).format(weeks=COMPARED_WEEKS, span=formats.day_span(recent.start, recent.end)),
    )
    shown = []
    for split in ("profession", "mode"):
        rows = view.ask(view.recently(split)).rows
        ordered = rows.sort_values("denominator", ascending=False, kind="stable", na_position="last")
        called = names.names(split, ordered[split])
        records = sorted(ordered.to_dict("records"), key=lambda row: row[split] != "doctor")
        shown += [words.share_tile(called[row[split]], row, SEVEN_DAYS, cache.settings()) for row in records]
    components.tiles(shown)


def _trend(view: CareGuaranteeView, answer: Answer) -> None:
    components.section(_("Trend"))
    rows, grain = answer.rows, view.chosen.grain
    low = bool(rows["coverage"].min() < cache.settings().low_coverage_pct)
    steps = target_around_period(view.target, rows, SEVEN_DAYS)
    remark = _(
        "A hollow point is a period that is not complete. A gap is a period that is suppressed "
        "or has no visits."
    )
    if low:
        remark += " " + _(
            "The grey band is where the share of all visits could lie, as some of them lack the assessment date."
        )
    components.chart_block(
        charts.trend(rows, SEVEN_DAYS, grain, targets=steps, breaks=_breaks(view.chosen), band=low),
        _("Share within seven days by period, from {first} to {last}; the newest is {value}.").format(
            first=formats.period(rows["period"].iloc[0]),
            last=formats.period(rows["period"].iloc[-1]),
            value=formats.marked(rows.iloc[-1].to_dict(), SEVEN_DAYS),
        ),
        answer_table(rows, SEVEN_DAYS, caption=names.text(SEVEN_DAYS).name),
        "trend",
        what=f"{SEVEN_DAYS.id} by {grain}",
        remark=remark,
    )


def _breaks(chosen: Selection) -> list[charts.Break]:
    """Days on which the law's limit of a selected service changed, and breaks that an analyst has noted."""
    found = [
        charts.Break(day, _("{day}: limit of the law changed").format(day=formats.day(day)))
        for day in changes_of(chosen.of("service"))
    ]
    noted = CareGuaranteeView.read(annotations_for, SEVEN_DAYS.id, chosen.area)
    return found + [charts.Break(note.date, note.text(language())) for note in noted]


def _signal(view: CareGuaranteeView, judged: SpcResult) -> None:
    components.section(
        _("Signal or noise"),
        _(
            "Every share varies from period to period without anything having changed. Only what goes beyond the limits "
            "or forms a run is worth asking about. All the data, whatever time is chosen above."
        ),
    )
    days = [(point.date, point.date) for point in judged.points]
    frame = pd.DataFrame(days, columns=["period_start", "period_end"])
    steps = target_around_period(view.target, frame, SEVEN_DAYS)
    chosen = view.chosen
    signal_block(judged, SEVEN_DAYS, chosen.grain, "signal", targets=steps)
    link_to_changes(SEVEN_DAYS, chosen.grain, chosen.area, chosen.where)


def _change(view: CareGuaranteeView, *, newest_deviates: bool) -> str:
    """What a change is made of: the table of its parts; returns the sentence below the finding."""
    components.section(
        _("What the change is made of"),
        _(
            "A share also rises when more visits fall to the quick ones. Within the groups: the groups themselves got "
            "better or worse. From the mix: visits moved from one group to another."
        ),
    )
    against = filters.choice(AGAINST, _("Compared with"), filters.labels(COMPARISONS), BEFORE)
    before, recent = view.before, view.recent
    if before is None or recent is None:
        return ""
    if against == YEAR_AGO:
        for text in words.week_53_words(before, recent):
            components.note(text)
    found: dict[str, MixResult] = {
        split: view.read(share_mix, view.recently(split), before, recent, cache.settings())
        for split in MIX_SPLITS
    }
    said = causes.change_sentences(found, SEVEN_DAYS, _(THAN[against]), newest_deviates=newest_deviates)
    split_up = {split: one for split, one in found.items() if one.mix is not None and len(one.mix.terms) > 1}
    if not split_up:
        components.note(
            said if all(one.mix is None for one in found.values()) else _("There is only one group.")
        )
        return said
    components.show_table(causes.mix_table(split_up, SEVEN_DAYS))
    components.note(
        _(
            "{before} and {after}. The parts sum to the change exactly; rounded they may differ by 0.1."
        ).format(
            before=formats.day_span(before.start, before.end),
            after=formats.day_span(recent.start, recent.end),
        )
    )
    for split, one in split_up.items():
        if one.mix is not None:
            components.table_block(
                causes.groups_table(split, one.mix, SEVEN_DAYS),
                f"change_{split}",
                what=f"{SEVEN_DAYS.id} change by {split}",
                title=_("Each group: {split}").format(split=names.dimension(split).lower()),
            )
    return said


def _stages(view: CareGuaranteeView) -> None:
    whole: Stages = view.read(stages, view.recently(of=WAITS), cache.settings())
    components.section(_("Where the days go"), causes.stage_sentences(whole.rows[0] if whole.rows else None))
    split = filters.choice(STAGES_BY, _("By"), filters.labels(STAGE_SPLITS), "unit")
    found: Stages = view.read(stages, view.recently(split, of=WAITS), cache.settings())
    if not found.rows:
        return
    called = names.names(split, [row.key[0] for row in found.rows])
    bars = charts.stacks(found.rows, called)
    table, what = causes.stage_table(found.rows, split, called), f"{WAITS.id} stages by {split}"
    if not bars:
        components.table_block(table, "stages", what=what)
        return
    components.chart_block(
        charts.stacked(bars, [_(causes.STAGE_WORDS[stage]) for stage in STAGES], _("mean days")),
        _("Mean days by stage, the longest first: {name} {days}.").format(
            name=bars[0].name, days=bars[0].total
        ),
        table,
        "stages",
        what=what,
        remark=_(
            "Only visits whose four dates are all there and in order; the table counts the others. "
            "A time chosen late at the client's own wish also shows as waiting for the booked time."
        ),
    )


def _waits(view: CareGuaranteeView, recent: Period) -> None:
    components.section(
        _("How long the waits were"),
        _("Visits of the last {weeks} weeks, {span}, by the days from the assessment of need.").format(
            weeks=COMPARED_WEEKS, span=formats.day_span(recent.start, recent.end)
        ),
    )
    found: Distribution = view.read(distribution, view.recently(), cache.settings())
    row = found.row
    if row is None or not row["denominator"] > 0:
        components.note(_("No visit of these weeks has an assessment date, or there are too few to show."))
        return
    bands = [
        charts.Band(
            int(band["from_days"]),
            None if pd.isna(band["to_days"]) else int(band["to_days"]),
            None if band["status"] == SUPPRESSED else float(band["count"]),
        )
        for band in found.rows.to_dict("records")
    ]
    marks = [charts.Mark(7, _("target 7 days"), colours.TARGET)]
    marks += limit_marks(view.chosen.of("service"), cache.today())
    n = formats.count(row, "denominator")
    components.chart_block(
        charts.histogram(bands, marks, _("visits")),
        _("Number of visits by the days waited; n = {n}.").format(n=n),
        words.waits_table([charts.band_words(band) for band in bands], found.rows),
        "waits",
        what="distribution of waits",
        remark=_("The bands grow wider with the wait. n = {n}, coverage {coverage}.").format(
            n=n, coverage=formats.coverage(row)
        ),
    )


def _comparison(view: CareGuaranteeView, recent: Period) -> None:
    limit = cache.settings().low_coverage_pct
    title = _("Comparison, worst first")
    components.section(title)
    split = filters.choice(COMPARED_BY, _("Compared"), filters.labels(COMPARED), "unit")
    components.note(
        _("The last {weeks} weeks, {span}. A hollow dot: coverage below {limit}, or not complete.").format(
            weeks=COMPARED_WEEKS,
            span=formats.day_span(recent.start, recent.end),
            limit=formats.percent(limit, 0),
        )
    )
    mine = view.chosen.of(split)
    if mine:
        components.note(_("The chosen ones are blue, the others grey."))
    rows = view.ask(view.compared).rows
    rows = rows[rows["denominator"].isna() | (rows["denominator"] > 0)]
    if rows.empty:
        components.note(_("There are no visits to compare in these weeks."))
        return
    ordered = worst_first(rows, SEVEN_DAYS)
    named = names.names(split, ordered[split])
    target = view.target if split == "unit" else None
    level = None
    if target is not None and target.value is not None:
        said = _("target {target}").format(target=sentences.target_words(target, SEVEN_DAYS))
        level = target.value, said
    components.chart_block(
        charts.ranked(
            rows, SEVEN_DAYS, split, named, level=level, emphasis=charts.Emphasis(limit, tuple(mine))
        ),
        _("Share within seven days, worst first: {name} {value}.").format(
            name=named[ordered[split].iloc[0]], value=formats.marked(ordered.iloc[0].to_dict(), SEVEN_DAYS)
        ),
        answer_table(ordered, SEVEN_DAYS, (split,), caption=title),
        "comparison",
        what=f"{SEVEN_DAYS.id} by {split}",
    )
    if split == "unit" and mine:
        named = {code: name for code, name in named.items() if code in mine}
    _each(view, split, named, target)


def _each(view: CareGuaranteeView, split: str, named: dict[str, str], target: Target | None) -> None:
    rows, grain = view.ask(view.each).rows, str(view.each.by)
    if rows.empty:
        return
    title = _("Each one over time")
    components.section(title)
    if grain == "month":
        components.note(
            _("By month: so few visits of one unit fall in a week that most weeks would be suppressed.")
        )
    steps = target_around_period(target, rows, SEVEN_DAYS)
    shown = []
    for code, name in named.items():
        mine = rows[rows[split] == code]
        if mine.empty:
            continue
        newest = mine.iloc[-1].to_dict()
        period, number = formats.period(newest["period"]), words.newest_words(newest, SEVEN_DAYS)
        drawn = mine["value"].notna().any() or mine["low"].notna().any()
        shown.append(
            components.Small(
                name,
                number if newest["period"] == rows["period"].iloc[-1] else f"{period}: {number}",
                charts.small(mine, SEVEN_DAYS, grain, steps) if drawn else None,
                _("{name}: {period} {value}").format(
                    name=name, period=period, value=formats.marked(newest, SEVEN_DAYS)
                ),
            )
        )
    components.small_charts(shown, "each")
    table = answer_table(rows, SEVEN_DAYS, (split,), caption=title)
    components.table_block(table, "each", what=f"{SEVEN_DAYS.id} by {split} and {grain}")


components.guarded(draw)
