"""Care guarantee, week by week: which share of non-urgent visits was reached in seven days and within the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

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
from indicators.drawing.small import coverage_bar, sparkline
from indicators.drawing.trend import DatedBreak
from indicators.engine.choices import last_day
from indicators.engine.question import INCOMPLETE, NO_DENOMINATOR, SUPPRESSED, Answer
from indicators.programme.annotations import annotations_for
from indicators.programme.targets import TargetResult, target_result
from indicators.programme.verdicts import Target
from indicators.wording import colours, formats
from indicators.wording.translations import N_, _, language
from pages import charts
from pages.charts.levels import limit_marks, target_around_period
from pages.sheet import (
    Column,
    Fact,
    Row,
    Value,
    data_table,
    finding,
    link,
    note,
    number_block,
    plain_value,
    sheet_grid,
    titled,
)
from pages.sheet.evidence import carried_level, signal_of, target_badge, trend_chart, verdict_fact
from pages.sheet.table import DESCENDING
from pages.text import care_guarantee as words
from pages.text import causes, names, sentences, signals
from pages.text.sentences import Incomplete
from pages.text.tables import answer_table, worst_first
from pages.ui import address, cache, components, filters, sheet
from pages.views.care_guarantee import (
    BEFORE,
    COMPARED_WEEKS,
    GRAINS,
    MIX_SPLITS,
    OVER,
    SEVEN_DAYS,
    WAITS,
    WITHIN_LIMIT,
    YEAR_AGO,
    CareGuaranteeView,
)
from pages.views.selection import Selection
from pipelines.settings import Settings

#: Earlier periods that the newest is compared with.
EARLIER = 4
#: In the address: what a change is compared with, the split of the stages, what is compared, the open tab, the order of
#: the table, the period that is judged.
AGAINST, STAGES_BY, COMPARED_BY = "muutos", "vaiheet", "vertaa"
TAB, ORDER, JUDGED = "nakyma", "jarjestys", "kausi"
COMPARISONS = {BEFORE: N_("the 13 weeks before"), YEAR_AGO: N_("the same weeks a year before")}
THAN = {BEFORE: N_("in the 13 weeks before"), YEAR_AGO: N_("in the same weeks a year before")}
STAGE_SPLITS = {"unit": N_("units"), "profession": N_("professions")}
COMPARED = {"unit": N_("Units"), "service": N_("Services")}
TABS = {
    "odotusajat": N_("Waits"),
    "muutos": N_("What the change is made of"),
    "vaiheet": N_("Where the days go"),
    "ajassa": N_("Each one over time"),
    "taulukko": N_("Table and downloads"),
}


def draw() -> None:
    """The page, from the finding to the sources."""
    head = st.container()
    chosen = filters.row(
        "visits",
        filters_of("visits"),
        filters.Offer(defaults=SEVEN_DAYS.headline_scope, grains=GRAINS),
        last=partial(CareGuaranteeView.read, last_day, "visits"),
    )
    view = CareGuaranteeView.of(
        chosen,
        address.selected(AGAINST, COMPARISONS, BEFORE),
        address.selected(COMPARED_BY, COMPARED, "unit"),
        asked=st.query_params.get(JUDGED),
    )
    answer = view.ask(view.series)
    with head:
        components.title(_("Care guarantee"), answer)
    if view.finding is None or view.recent is None:
        components.finding(_finding(view, answer, None))
        components.empty(
            _("There are no visits to show"),
            _(
                "Either no visit extract has been loaded for this area, or nothing fits the filters. "
                "Clear the filters, choose another area, or load an extract."
            ),
        )
        components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)
        return
    judged = _judged(view)
    limits = view.ask(view.within_limit)
    _first_screen(view, answer, judged, limits)
    opened, place = components.tabs(TAB, filters.labels(TABS))
    with place:
        _tab(opened, view, answer, judged)
    cited = [view.target.cited_source] if view.target and view.target.cited_source else []
    components.sources(answer, limits, cited=cited)


def _tab(opened: str, view: CareGuaranteeView, answer: Answer, judged: SpcResult) -> None:
    recent = view.recent
    if recent is None:
        return
    if opened == "odotusajat":
        _waits(view, recent)
        _split(view, recent)
    elif opened == "muutos":
        at = 0 if view.at is None else view.at
        usual = signals.judgement(judged, answer.rows["period"].iloc[at])[0]
        _change(view, newest_deviates=usual is False)
    elif opened == "vaiheet":
        _stages(view)
    elif opened == "ajassa":
        _comparison(view, recent)
    else:
        rows = answer.rows
        components.full_table(
            answer_table(rows, SEVEN_DAYS, caption=names.text(SEVEN_DAYS).name),
            "trend",
            what=f"{SEVEN_DAYS.id} by {view.chosen.grain}",
        )
        components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)


def _first_screen(view: CareGuaranteeView, answer: Answer, judged: SpcResult, limits: Answer) -> None:
    """The finding, the number, the trend, what to do, the units worst first."""
    at = view.at or 0
    row = answer.rows.iloc[at].to_dict()
    said = _finding(view, answer, at)
    number = formats.short_cell(row, SEVEN_DAYS)
    sheet.show(
        finding(said, [number])
        + sheet_grid(
            number_block(
                _("{period}, care within 7 days").format(
                    period=formats.capital(formats.period(row["period"]))
                ),
                number if sentences.share_is_known(row, cache.settings()) else _("not known"),
                _badges(view, row, judged),
                _facts(view, answer, at, row, limits),
            ),
            _trend(view, answer, judged),
            "",
            _units(view),
        ),
        "first",
    )


def _badges(view: CareGuaranteeView, row: Mapping[str, Any], judged: SpcResult) -> list[str]:
    result = _result(view)
    return [
        target_badge(row, view.target, SEVEN_DAYS, result, cache.today()),
        signal_of(judged, str(row["period"]), signals.missing(judged)),
    ]


def _result(view: CareGuaranteeView) -> TargetResult | None:
    """The target's own period; None where what is shown is not what the target is of."""
    if view.target is None or not view.judges_target:
        return None
    found: TargetResult = view.read(target_result, cache.settings(), view.target, as_of=cache.today())
    return found


def _facts(
    view: CareGuaranteeView, answer: Answer, at: int, row: Mapping[str, Any], limits: Answer
) -> list[Fact]:
    """The small print at the number."""
    facts = []
    change = change_against(answer, at, EARLIER)
    if change is not None:
        facts.append(Fact(words.before_words(change), formats.value(change.before, SEVEN_DAYS)))
    if not formats.missing(row["denominator"]) and row["status"] != NO_DENOMINATOR:
        facts.append(Fact(_("Visits with known dates"), formats.count(row, "denominator")))
        low = sentences.coverage_is_low(row, cache.settings())
        facts.append(Fact(_("Coverage"), formats.coverage(row), "breach" if low else ""))
    possible = sentences.possible_range(row, SEVEN_DAYS)
    if possible and sentences.coverage_is_low(row, cache.settings()):
        facts.append(Fact(_("Counted of all visits"), possible))
    if len(limits.rows):
        law = limits.rows.iloc[0].to_dict()
        facts.append(Fact(_("Within the limit of the law"), formats.short_cell(law, WITHIN_LIMIT)))
    result = _result(view)
    if result is not None and row["period"] != result.target.period.label:
        facts.append(Fact(*verdict_fact(result, SEVEN_DAYS)))
    return facts


def _trend(view: CareGuaranteeView, answer: Answer, judged: SpcResult) -> str:
    targets = [] if view.target is None else [view.target]
    later = answer.rows.iloc[(view.at or 0) + 1 :].to_dict("records")
    waiting = [Incomplete.of(row, answer, cache.today()) for row in later if row["status"] == INCOMPLETE]
    chart = trend_chart(
        words.trend_heading(view.chosen.grain),
        answer.rows,
        SEVEN_DAYS,
        judged,
        targets=carried_level(targets, SEVEN_DAYS, answer.rows),
        breaks=_breaks(view.chosen),
        label=None if view.finding is None else view.finding.label,
        link=lambda label: components.link_here({JUDGED: label}),
        alt=_("Share within seven days by period, from {first} to {last}; the newest is {value}.").format(
            first=formats.period(answer.rows["period"].iloc[0]),
            last=formats.period(answer.rows["period"].iloc[-1]),
            value=formats.marked(answer.rows.iloc[-1].to_dict(), SEVEN_DAYS),
        ),
    )
    return chart + note(words.not_judged(waiting))


def _units(view: CareGuaranteeView) -> str:
    """The units or services of the last 13 weeks, worst first; a row narrows the page to itself."""
    split, settings = view.compared_by, cache.settings()
    rows = view.ask(view.compared).rows
    rows = rows[rows["denominator"].isna() | (rows["denominator"] > 0)]
    if rows.empty:
        return note(_("There are no visits to compare in these weeks."))
    called = names.names(split, rows[split])
    before = {} if view.before is None else view.values_by_code(view.compared_before)
    trends = view.trends()
    over = view.over_limit() if split == "unit" else {}
    mine = view.chosen.of(split)
    columns = [
        Column("nimi", _("Unit") if split == "unit" else _("Service"), right=False),
        Column("osuus", _("Share")),
        Column("n", "n", hides="medium", largest_first=True),
        Column("kattavuus", _("Coverage"), hides="medium"),
        Column("muutos", _("Change"), hides="narrow"),
        Column("kehitys", _("Trend"), right=False, sorts=False, hides="small"),
        *([Column("yli", _("Over the limit"), largest_first=True)] if over else []),
    ]
    parameter = address.PARAMETERS[split]
    shown = []
    for row in rows.to_dict("records"):
        code = row[split]
        selected = code in mine
        shown.append(
            Row(
                called[code],
                components.link_here({parameter: address.EVERYTHING if selected else code}),
                (
                    _share_value(row),
                    plain_value(formats.count(row, "denominator"), row["denominator"]),
                    _coverage_value(row, settings),
                    _change_value(row, before.get(code)),
                    Value(sparkline(trends.get(code, ()), target=view.level, low=0.0, high=100.0)),
                    *([_over_value(over.get(code))] if over else []),
                ),
                selected,
            )
        )
    order = address.selected(ORDER, _orders(columns), "osuus")
    heading = _("{what}, last {weeks} weeks").format(what=_(COMPARED[split]), weeks=COMPARED_WEEKS)
    table = data_table(heading, columns, shown, order, lambda code: components.link_here({ORDER: code}))
    other = "service" if split == "unit" else "unit"
    change = link(components.link_here({COMPARED_BY: other}), _(COMPARED[other]))
    return titled(heading, table, change)


def _orders(columns: Sequence[Column]) -> list[str]:
    return [f"{sign}{column.code}" for column in columns if column.sorts for sign in ("", DESCENDING)]


def _share_value(row: Mapping[str, Any]) -> Value:
    key = None if formats.missing(row["value"]) else float(row["value"])
    said = formats.short_cell(row, SEVEN_DAYS)
    if not sentences.share_is_known(row, cache.settings()):
        return plain_value(_("not known"), None, kind="muted")
    return plain_value(said, key, kind="text" if key is not None else "muted")


def _coverage_value(row: Mapping[str, Any], settings: Settings) -> Value:
    if not formats.has_coverage(row):
        return plain_value(formats.coverage(row), None, kind="muted")
    low = sentences.coverage_is_low(row, settings)
    bar = coverage_bar(float(row["coverage"]), low=low)
    return Value(f"{formats.coverage(row)} {bar}", float(row["coverage"]))


def _change_value(row: Mapping[str, Any], before: float | None) -> Value:
    if before is None or formats.missing(row["value"]):
        return plain_value("–", None, kind="muted")
    change = float(row["value"]) - before
    return plain_value(formats.signed(change, SEVEN_DAYS.decimals), change)


def _over_value(row: Mapping[str, Any] | None) -> Value:
    if row is None:
        return plain_value("–", None, kind="muted")
    number = formats.short_cell(row, OVER)
    if formats.missing(row["value"]):
        return plain_value(number, None, kind="muted")
    value = float(row["value"])
    return plain_value(number, value, kind="limit" if value > 0 else "muted")


def _judged(view: CareGuaranteeView) -> SpcResult:
    """The XmR chart of all the periods there are, in the grain selected."""
    units = view.chosen.of("unit")
    breaks = signals.breaks_of(SEVEN_DAYS.id, view.chosen.area, units[0] if len(units) == 1 else None)
    level = None if view.target is None else view.target.value
    return signals.series(view.ask(view.whole), level, breaks)


def _finding(view: CareGuaranteeView, answer: Answer, at: int | None) -> str:
    """The finding on the period that is judged."""
    if at is None or not len(answer.rows):
        return words.seven_days(None, SEVEN_DAYS, cache.settings())
    row = answer.rows.iloc[at].to_dict()
    return words.seven_days(
        row,
        SEVEN_DAYS,
        cache.settings(),
        target=view.target,
        signal=signals.in_a_sentence(_judged(view), row["period"]),
        itself=Incomplete.of(row, answer, cache.today()),
        too_short=view.too_short,
    )


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


def _breaks(chosen: Selection) -> list[DatedBreak]:
    """Days on which the law's limit of a selected service changed, and breaks that an analyst has noted."""
    found = [
        DatedBreak(day, _("{day}: limit of the law changed").format(day=formats.day(day)))
        for day in changes_of(chosen.of("service"))
    ]
    noted = CareGuaranteeView.read(annotations_for, SEVEN_DAYS.id, chosen.area)
    return found + [DatedBreak(note.date, note.text(language())) for note in noted]


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
