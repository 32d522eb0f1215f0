"""Targets: every target of an area against its actual, year by year, and any indicator opened."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from indicators.analysis.control_chart import GRAINS as SPC_GRAINS
from indicators.analysis.control_chart import SpcResult
from indicators.analysis.projection import Pace, Projection, pace_grain, project
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import days_of_months
from indicators.engine.from_data import has_row_data
from indicators.engine.measures import with_figures
from indicators.engine.question import OK, SUPPRESSED, Answer, Question, Where, told_values
from indicators.programme.annotations import annotations_for
from indicators.programme.benchmarks import COMPARABLE, DOCTOR_VISITS, benchmarks_for, sotkanet
from indicators.programme.targets import TargetResult, actual_of, target_results
from indicators.programme.verdicts import Actual, Target
from indicators.programme.year_summary import headline, pace_to, target_years
from indicators.remarks import entered_instead
from pages import charts
from pages.charts.references import references
from pages.text import formats, names, sentences
from pages.text import projections as outlook_words
from pages.text import signals as signal
from pages.text import targets as view
from pages.text.benchmarks import benchmark_table
from pages.text.tables import answer_table, worst_first
from pages.text.translations import N_, _, language
from pages.ui import cache, components, filters, markup, signals, styles, target_board
from pages.ui import target_series as series_view

INDICATOR, COMPARISON, BESIDE, SPLIT, VARIES = "mittari", "vertailu", "rinnalla", "jako", "vaihtelu"
ALL_VISITS, DOCTORS, NO_SPLIT = "kaikki", "laakari", "ei"
VIEWS = {ALL_VISITS: N_("All visits"), DOCTORS: N_("Doctor visits and comparison")}
GRAINS = ("month", "quarter", "year")
SPLITS = ("patient_group", "unit", "service")
#: The grain of the marks and projections of all targets.
MARK_GRAIN = "month"
MOST_BESIDE = 5
MOST_PARTS = 12


def draw() -> None:
    """The page."""
    st.html(styles.BOARD_STYLE)
    as_of, settings = cache.today(), cache.settings()
    head = st.container()
    with st.container(key="filter_area"), st.container(key="filter_row"):
        area = filters.area_with_targets()
    with st.spinner(_("Targets and actuals are being compared …")):
        results = tuple(cache.cached_call(target_results, settings, as_of=as_of, area=area))
    years = cache.cached_call(target_years, area)
    stretch = _stretch(years)
    if results:
        table(results, years, as_of)
    else:
        components.empty(
            _("There is nothing to compare with"),
            _(
                "No targets are loaded for this area. Choose another area, or load the area's targets as a file of targets."
            ),
        )
    opened, answers = open_indicator(results, area, as_of)
    with head:
        said = (
            view.year_finding(results, stretch, names.name("area", area))
            if results
            else _("{area} has no targets.").format(area=names.name("area", area))
        )
        components.heading(_("Targets"), said, *results, *answers)
    cited = [one.target.cited_source for one in results if one.target.cited_source]
    components.sources(*answers, cited=cited, used=[load for one in results for load in one.loads])
    components.definition_block(opened)


def _stretch(years: Sequence[int]) -> str:
    """The years from the first to the last; one by itself, none as nothing."""
    return "–".join(map(str, dict.fromkeys([*years[:1], *years[-1:]])))


# --- all targets ---------------------------------------------------------------------------------------------------


def table(results: Sequence[TargetResult], years: Sequence[int], as_of: date) -> None:
    """Every indicator with targets in a row, a column for each year; a longer period stands in its last year."""
    components.section(
        _("Targets and actuals {years}").format(years=_stretch(years)),
        _("The target as it was written, under it the actual with what it rests on, and the verdict."),
    )
    by_indicator: dict[str, list[TargetResult]] = {}
    for one in results:
        by_indicator.setdefault(one.target.indicator, []).append(one)
    # What has an actual, of the period or earlier, stands first.
    ordered = sorted(by_indicator.values(), key=lambda mine: _knowledge(mine))
    labels = [str(year) for year in years]
    rows = []
    for mine in ordered:
        meant = view.definition_of(mine[0])
        name = target_board.indicator_html(meant, mine[0].target.area)
        earlier = max(
            (one for one in mine if one.earlier is not None),
            key=lambda one: one.earlier.period.end if one.earlier else date.min,
            default=None,
        )
        if earlier is not None and not any(one.actual.told for one in mine):
            words = html.escape(view.earlier_words(earlier, meant))
            name += f'<span class="tv-muted"><span class="tv-earlier">{words}</span></span>'
        judged = _judged_series(meant, mine[0].target.area)
        direction = signal.trend_mark(judged)
        if direction:
            name += markup.muted(_("Direction: {mark}").format(mark=direction))
        cells = []
        for year in years:
            here = [one for one in mine if one.target.period.end.year == year]
            told = "".join(_year_cell(one, meant, year) + _ahead(one, meant, as_of) for one in here)
            cells.append(markup.Field(told, str(year)))
        quotes = dict.fromkeys(target_board.quote_html(one.target) for one in mine)
        rows.append([markup.Field(name), *cells, markup.Field("".join(quotes))])
    st.html(
        markup.board_html(
            (_("Indicator"), *labels), [("", rows)], _("Targets and actuals"), kind="tv-tall tv-years"
        )
    )
    area = results[0].target.area
    components.download(
        view.results_table(results, as_of, cache.settings().low_coverage_pct), area, what=f"targets {area}"
    )


def _series_question(meant: Definition, area: str, grain: str) -> Question:
    """The headline by periods; no hidden one follows from the longer ones that are told too."""
    asked = [
        Question(meant.id, by=by, area=area, where=meant.headline_where()) for by in (MARK_GRAIN, *GRAINS)
    ]
    asked += view.target_questions(meant, area)
    return replace(asked[0], by=grain, shown_with=tuple(asked))


def _judged_series(
    meant: Definition,
    area: str,
    grain: str = MARK_GRAIN,
    level: float | None = None,
    together: tuple[Question, ...] = (),
) -> SpcResult | None:
    """The XmR chart of an indicator's headline, beside what is told `together`; None of what is not counted from rows."""
    if not cache.cached_call(has_row_data, meant.id, area):
        return None
    asked = _series_question(meant, area, grain)
    answer = cache.ask(replace(asked, shown_with=together) if together else asked)
    return signal.series(answer, level, signal.breaks_of(meant.id, area))


def _projected(meant: Definition, target: Target, grain: str = MARK_GRAIN) -> Projection | None:
    """The projection of an indicator to the end of a target's period; None of what is not counted from rows."""
    if not cache.cached_call(has_row_data, meant.id, target.area):
        return None
    answer = cache.ask(_series_question(meant, target.area, grain))
    return project(
        answer,
        target.period.end,
        signal.breaks_of(meant.id, target.area),
        target=outlook_words.level_of(target, meant),
    )


def _newest_actual(result: TargetResult, meant: Definition) -> Actual | None:
    """The newest complete quarter of what is counted from rows, else the actual of the target or an earlier one."""
    if cache.cached_call(has_row_data, meant.id, result.target.area):
        answer = cache.ask(_series_question(meant, result.target.area, "quarter"))
        known = [at for at, status in enumerate(answer.rows["status"]) if status == OK]
        if known:
            return actual_of(answer, known[-1])
    return result.actual if result.actual.told else result.earlier


def _pace_words(result: TargetResult, meant: Definition, as_of: date) -> tuple[str, Pace | None]:
    """What each quarter or year must bring from the newest actual on, in words and as a pace; empty where there is none."""
    newest, target = _newest_actual(result, meant), result.target
    found = outlook_words.pace_to_target(target, newest, meant, as_of)
    if found is None or newest is None:
        return "", None
    grain = pace_grain(newest.period, target.period)
    said = outlook_words.pace_words(found, target, meant, as_of, grain)
    if result.actual.told and newest.period != result.actual.period and found.distance:
        said = outlook_words.from_start(said, newest, meant)
    return said, found


def _ahead(result: TargetResult, meant: Definition, as_of: date) -> str:
    """Of a target whose time is not over: the pace it needs and where the series will be, or why that is not said."""
    target = result.target
    if target.period.end <= as_of or target.value is None:
        return ""
    projected = _projected(meant, target)
    said = [
        _pace_words(result, meant, as_of)[0],
        outlook_words.projection_words(projected, target, meant) if projected else "",
    ]
    return "".join(markup.muted(text) for text in said if text)


def _knowledge(mine: Sequence[TargetResult]) -> int:
    if any(one.actual.told for one in mine):
        return 0
    return 1 if any(one.earlier is not None for one in mine) else 2


def _year_cell(result: TargetResult, meant: Definition, year: int) -> str:
    """A target in its year: as written, the actual and the verdict."""
    actual = target_board.actual_html(result, meant) if result.actual.told else ""
    lines = [target_board.target_html(result.target, year), actual, markup.mark(result.verdict)]
    return "".join(f"<div>{line}</div>" for line in lines if line)


# --- one indicator -------------------------------------------------------------------------------------------------


def open_indicator(
    results: Sequence[TargetResult], area: str, as_of: date
) -> tuple[Definition, tuple[Answer, ...]]:
    """One indicator opened: finding, trend against the target, its targets, its parts."""
    asked = st.query_params.get(INDICATOR)
    promised = list(dict.fromkeys(one.target.indicator for one in results))
    # Of the plans' measures only those with a figure here: the others are found on the pages of definitions and entering.
    figures = cache.cached_call(with_figures, area)
    others = [
        name
        for name, one in cache.definitions().items()
        if name not in promised and (one.theme is None or name in figures or name == asked)
    ]
    options = [*sorted(promised, key=_name), *sorted(others, key=_name)]
    components.section(_("One indicator opened"))

    def said(name: str) -> str:
        return _name(name) if name in promised else _("{name} (no target)").format(name=_name(name))

    with st.container(key="opened_choice"):
        opened = cache.definitions()[
            filters.choose(INDICATOR, _("Indicator"), options, first_to_open(results, promised), said)
        ]
        with st.container(horizontal=True, vertical_alignment="bottom"):
            doctors = (
                opened.id == COMPARABLE
                and filters.choice(
                    COMPARISON,
                    _("Which visits"),
                    {kind: _(words) for kind, words in VIEWS.items()},
                    ALL_VISITS,
                )
                == DOCTORS
            )
            grain = None
            if cache.cached_call(has_row_data, opened.id, area):
                told = {name: _(filters.GRAINS[name]) for name in GRAINS}
                grain = filters.choice(filters.GRAIN, _("Period"), told, "quarter")
        where = (*opened.headline_where(), *((DOCTOR_VISITS,) if doctors else ()))
        compared = _areas_beside(area) if doctors else ()
    mine = [one for one in results if one.target.indicator == opened.id]
    together = _asked(opened, area, where, grain)
    answer, rows, answers = series_view.carried_on(opened, area, where, grain, together)
    demo = series_view.demo_line(opened, area, where)
    answers += (demo,) if demo is not None else ()
    finding = opened_finding(opened, answer, rows, mine if not doctors else [], as_of)
    st.html(target_board.opened_html(names.text(opened).name, view.narrowed(where), finding))
    _trend(opened, area, rows, where, mine, compared, as_of, doctors, series_view.seams(answer, rows), demo)
    if mine and not doctors:
        _own_targets(mine, opened, as_of)
    if not doctors:
        answers += _variation(opened, area, mine, as_of, together)
    if opened.row_level and demo is None:
        answers += _parts(opened, area, where, grain, mine, together)
    if opened.twin:
        link = target_board.indicator_html(cache.definitions()[opened.twin], area)
        st.html(target_board.note_html(_("To be read beside it:"), link))
    return opened, answers


def first_to_open(results: Sequence[TargetResult], promised: Sequence[str]) -> str:
    """What is opened where nothing is chosen: the first headline indicator of which anything is known."""
    known = {one.target.indicator for one in results if one.actual.told or one.earlier is not None}
    found = [name for name in headline() if name in known]
    return next(iter([*found, *(name for name in promised if name in known), *promised, *headline()]))


def _name(indicator: str) -> str:
    return cache.definitions()[indicator].text[language()].name


def _areas_beside(area: str) -> tuple[str, ...]:
    """The areas whose published figures are drawn: the country and the own one unless something else is chosen."""
    there = list(dict.fromkeys(found.area for found in sotkanet()))
    default = [code for code in ("FI", area) if code in there]
    return filters.choose_several(
        BESIDE,
        _("Published figures beside"),
        there,
        default,
        lambda code: names.name("area", code),
        MOST_BESIDE,
    )


def _asked(opened: Definition, area: str, where: Where, grain: str | None) -> tuple[Question, ...]:
    """Everything that is told of the opened indicator, so that no hidden number follows from all of it together."""
    if not cache.cached_call(has_row_data, opened.id, area):
        return ()
    found = [Question(opened.id, by=by, area=area, where=where) for by in dict.fromkeys((grain, "year"))]
    found += view.target_questions(opened, area)
    # The points chosen, and those that the page judges by: the judgement of these stands beside the former.
    varies = filters.chosen_one(VARIES, SPC_GRAINS, MARK_GRAIN)
    found += [_series_question(opened, area, by) for by in dict.fromkeys((varies, MARK_GRAIN))]
    offered = _splits(opened)
    if offered:
        found.append(
            _parts_question(opened, area, where, grain, filters.chosen_one(SPLIT, offered, offered[0]))
        )
    return tuple(found)


def _splits(opened: Definition) -> tuple[str, ...]:
    return tuple(name for name in SPLITS if name in opened.dimensions)


def _parts_question(opened: Definition, area: str, where: Where, grain: str | None, split: str) -> Question:
    narrowed = tuple(part for part in where if part[0] != split)
    return Question(opened.id, by=grain, splits=(split,), area=area, where=narrowed)


def opened_finding(
    opened: Definition,
    answer: Answer,
    rows: pd.DataFrame,
    mine: Sequence[TargetResult],
    as_of: date,
) -> str:
    """Where an indicator stands, in a few sentences: newest actual, verdict or distance and pace, end of the targets."""
    said = []
    known = [at for at, told in enumerate(told_values(answer.rows)) if told]
    newest = actual_of(answer, known[-1]) if known else None
    if newest is None and len(rows) and (rows["status"] == SUPPRESSED).any():
        said.append(_("The actuals are hidden, because there are so few cases."))
    elif newest is None and told_values(rows).any():
        last = rows[told_values(rows)].iloc[-1]
        said.append(
            _("{when} the actual was {value}.").format(
                when=formats.in_period(last["period"]), value=formats.marked(last.to_dict(), opened)
            )
        )
    elif newest is None:
        said.append(_("There is no actual."))
        said.append(view.no_actual(opened))
    else:
        said.append(
            _("{when} the actual was {value}.").format(
                when=formats.in_period(newest.period.label),
                value=view.with_basis(view.known(newest, opened), newest),
            )
        )
        if newest.status == "incomplete_period":
            said.append(view.incomplete(newest))
        said.append(view.low_coverage(newest, opened, cache.settings().low_coverage_pct))
        if newest.ranged:
            said.append(sentences.why_range(opened))
    judged = [one for one in mine if one.verdict in ("met", "not_met")]
    if judged:
        said.append(_judged(judged[-1], opened))
    coming = [
        one.target for one in mine if newest is not None and one.target.period.start > newest.period.end
    ]
    if coming and newest is not None:
        pace = pace_to(coming[-1], newest)
        if pace is not None:
            said.append(
                _("To the target ({target}, {period}): {pace}.").format(
                    target=view.in_words(coming[-1]),
                    period=formats.period(coming[-1].period.label),
                    pace=view.pace_words(pace, opened),
                )
            )
    last_target = max(mine, key=lambda one: (one.target.period.end, one in judged[-1:]), default=None)
    if last_target is not None and last_target.target.period.end < as_of:
        day = formats.day(last_target.target.period.end)
        if last_target in judged[-1:] or not judged:
            said.append(_("The target period ended on {day}.").format(day=day))
        else:
            said.append(
                _("The period of the last target ({target}) ended on {day}: it is not judged.").format(
                    target=view.in_words(last_target.target), day=day
                )
            )
    return " ".join(text for text in said if text)


def _judged(result: TargetResult, opened: Definition) -> str:
    """The newest verdict in a sentence."""
    told = {
        "target": view.in_words(result.target),
        "period": formats.period(result.target.period.label),
        "value": view.value(result, opened),
        "distance": view.distance(result, opened),
    }
    if result.target.is_direction:
        told["value"] += f" ({view.year_before(result, opened)})"
    if result.verdict == "met":
        return _("The target ({target}, {period}) was reached: {value}.").format(**told)
    if result.target.is_direction or not told["distance"]:
        # A direction and a range have no distance.
        return _("The target ({target}, {period}) was not reached: {value}.").format(**told)
    return _("The target ({target}, {period}) was not reached: distance {distance}, actual {value}.").format(
        **told
    )


def _trend(
    opened: Definition,
    area: str,
    rows: pd.DataFrame,
    where: Where,
    mine: Sequence[TargetResult],
    compared: Sequence[str],
    as_of: date,
    doctors: bool,
    seams: Sequence[signal.Break],
    demo: Answer | None,
) -> None:
    """The trend against the target, with changes of the rules, seams, published figures of others and demo data apart."""
    figures = benchmarks_for(opened.id, where, tuple(compared))
    targets = [] if doctors else steps(mine, opened)
    lines = references(figures, opened, compared)
    drawn = [*lines, *([series_view.demo_reference(demo)] if demo is not None else [])]
    if not told_values(rows).any() and not (rows["status"] == SUPPRESSED).any() and not lines:
        components.empty(_("There is nothing to draw yet"), view.no_actual(opened))
        return
    after = ended_step(targets, rows, as_of)
    span = charts.span_of(rows, [*targets, *([after] if after else [])], drawn)
    events = [
        event
        for event in cache.cached_call(annotations_for, opened.id, area)
        if span and span[0] < event.date < span[1]
    ]
    days = sorted({event.date for event in events} | {seam.date for seam in seams})
    breaks = [charts.Break(day, str(at + 1)) for at, day in enumerate(days)]
    figure = charts.against_targets(
        rows, opened, targets=targets, after=after, breaks=breaks, references=drawn
    )
    remarks = []
    if targets:
        remarks.append(_("Green: the target in its period."))
    if any(one.target.unit == "months" for one in mine) and targets:
        remarks.append(
            _(
                "A limit of one month is one of the calendar, 28–31 days: it is drawn at the longest, {days} days."
            ).format(days=formats.number(max(days_of_months(1))))
        )
    if (rows["status"] == "incomplete_period").any():
        remarks.append(_("A hollow point: the period is not complete."))
    if (told_values(rows) & rows["value"].isna()).any():
        remarks.append(_("A bar is the range in which the share lies."))
    if demo is not None:
        remarks.append(
            _("Violet and hollow: demo data. It does not carry the published series on and is not judged.")
        )
    if lines:
        remarks.append(
            _(
                "Violet: THL's Sotkanet 6411, doctor visits within 7 days by year. Hollow points: 2021–2022 are "
                "figures of the municipal era and 2025 is partial. How Sotkanet defines the figure has yet to be "
                "checked against ours."
            )
        )
    elif opened.id == COMPARABLE and not doctors:
        remarks.append(
            _(
                "Published figures of the country and other areas tell of doctor visits alone: choose them above."
            )
        )
    if opened.figures_first:
        remarks += _entered_words(Question(opened.id, by="year", area=area, where=where), opened)
    table = answer_table(rows, opened, caption=names.text(opened).name)
    components.chart_block(
        figure,
        chart_words(opened, rows, targets),
        table,
        f"trend_{opened.id}",
        what=f"{opened.id} {area}",
        remark=" ".join(remarks),
    )
    for at, day in enumerate(days):
        told = dict.fromkeys(event.text(language()) for event in events if event.date == day)
        told |= dict.fromkeys(seam.reason for seam in seams if seam.date == day)
        components.note(f"{at + 1} = {formats.day(day)}: " + " ".join(told))
    if figures:
        components.table_block(
            benchmark_table(figures, opened),
            "beside",
            what=f"{opened.id} beside",
            title=_("Published figures, table and download"),
        )


def _entered_words(question: Question, opened: Definition) -> list[str]:
    """What rows would give where an entered figure holds, year by year."""
    found = cache.cached_call(entered_instead, question, cache.settings())
    return [
        _("{period}: the entered figure {entered} holds. Computed from rows it would be {computed}.").format(
            period=formats.period(one.period),
            entered=formats.value(one.entered, opened),
            computed=formats.value(one.computed, opened),
        )
        for one in found
    ]


def steps(mine: Sequence[TargetResult], opened: Definition) -> list[charts.Step]:
    """The targets as levels over their periods, in the unit of the axis."""
    found = []
    for one in mine:
        target = one.target
        if target.value is None or target.comparator is None:
            continue
        if target.unit == "months" and opened.unit == "days" and not target.value % 1:
            height = float(max(days_of_months(int(target.value))))
        elif target.unit == opened.unit:
            height = target.value
        else:
            continue
        found.append(charts.Step(target.period.start, target.period.end, height, view.wording(target)))
    return sorted(found, key=lambda step: step.start)


def ended_step(targets: Sequence[charts.Step], rows: pd.DataFrame, as_of: date) -> charts.Step | None:
    """The last target's level after its period: a reference, at least a year long, no target any more."""
    if not targets or targets[-1].end >= as_of:
        return None
    last = targets[-1]
    until = min(as_of, last.end + relativedelta(years=1))
    if len(rows):
        until = max(until, max(rows["period_end"]))
    return charts.Step(last.end, until, last.value, _("target period ended"))


def chart_words(opened: Definition, rows: pd.DataFrame, targets: Sequence[charts.Step]) -> str:
    """What the chart shows, for those who do not see it."""
    known = rows[told_values(rows)]
    said = [names.text(opened).name + "."]
    if len(known):
        first, last = known.iloc[0], known.iloc[-1]
        said.append(
            _("From {first} {start} to {last} {end}.").format(
                first=formats.period(first["period"]),
                start=formats.marked(first.to_dict(), opened),
                last=formats.period(last["period"]),
                end=formats.marked(last.to_dict(), opened),
            )
        )
    if targets:
        said.append(
            _("Target {first} in {start}, {last} in {end}.").format(
                first=targets[0].words,
                start=targets[0].start.year,
                last=targets[-1].words,
                end=targets[-1].end.year,
            )
        )
    return " ".join(said)


def _own_targets(mine: Sequence[TargetResult], opened: Definition, as_of: date) -> None:
    """The indicator's targets, each with its wording, actual, verdict, distance, what is missing and its source."""
    low = cache.settings().low_coverage_pct
    labels = (
        _("Target as written"),
        _("Actual"),
        _("Verdict"),
        _("Distance"),
        _("Pace and projection"),
        _("What is missing and why"),
        _("Source"),
    )
    rows = []
    for one in mine:
        fields = (
            f'<span lang="fi">{html.escape(one.target.as_written)}</span>',
            target_board.actual_html(one, opened),
            markup.mark(one.verdict),
            target_board.distance_html(one, opened),
            html.escape(_pace_and_projection(one, opened, as_of)),
            html.escape(view.what_is_missing(one, opened, as_of, low)),
            f'<span lang="fi">{html.escape(one.target.cited_source or "")}</span>',
        )
        cells = (markup.Field(text, label) for text, label in zip(fields, labels, strict=True))
        rows.append([markup.Field(html.escape(formats.period(one.target.period.label))), *cells])
    st.html(markup.board_html((_("Period"), *labels), [("", rows)], _("Targets of the indicator")))


def _pace_and_projection(result: TargetResult, opened: Definition, as_of: date) -> str:
    """The pace a target needs and the projection to it, or why there is none, in words."""
    target = result.target
    if target.value is None:
        return ""
    words, found = _pace_words(result, opened, as_of)
    said = [words or outlook_words.pace_words(found, target, opened, as_of)]
    if said[0] and target.period.end > as_of and found is not None and found.distance:
        said[0] += "."
    projected = _projected(opened, target)
    if target.period.end > as_of:
        said.append(
            outlook_words.projection_words(projected, target, opened)
            if projected
            else _("No projection: only single figures are known, no series.")
        )
    return " ".join(text for text in said if text)


def _variation(
    opened: Definition,
    area: str,
    mine: Sequence[TargetResult],
    as_of: date,
    together: tuple[Question, ...],
) -> tuple[Answer, ...]:
    """The opened indicator as an XmR chart, by week, month or quarter, and its projection to the next target."""
    components.section(
        _("Signal or noise"),
        _(
            "How much the indicator varies by itself, and what is more than that. All the data of the headline, "
            "without the choices above."
        ),
    )
    if not cache.cached_call(has_row_data, opened.id, area):
        components.note(_("Only single figures are known of this indicator: they make no series to judge."))
        return ()
    told = {name: _(filters.GRAINS[name]) for name in SPC_GRAINS}
    grain = filters.choice(VARIES, _("Points"), told, MARK_GRAIN)
    answer = cache.ask(replace(_series_question(opened, area, grain), shown_with=together))
    levels = [one.target for one in mine if one.target.value is not None and one.target.unit == opened.unit]
    coming = [target for target in levels if target.period.end > as_of]
    level = (coming[0] if coming else levels[-1]) if levels else None
    judged = signal.series(answer, level.value if level else None, signal.breaks_of(opened.id, area))
    if grain != MARK_GRAIN:
        leading = _judged_series(opened, area, level=level.value if level else None, together=together)
        components.note(signal.beside_leading(leading, MARK_GRAIN, judged, grain))
    days = [point.date for point in judged.points]
    shown = []
    if level is not None and level.value is not None and days:
        words = _("target {target}").format(target=view.wording(level))
        shown = [charts.Step(days[0], days[-1], level.value, words, faint=True)]
    ahead = None
    if coming:
        projected = project(
            answer,
            coming[0].period.end,
            signal.breaks_of(opened.id, area),
            target=outlook_words.level_of(coming[0], opened),
        )
        components.note(outlook_words.projection_words(projected, coming[0], opened))
        if projected.value is not None and projected.low is not None and projected.high is not None:
            told_of = outlook_words.projection_words(projected, None, opened)
            ahead = charts.Projected(
                projected.period.start, projected.value, projected.low, projected.high, told_of
            )
            components.note(outlook_words.assumptions(projected, coming[0], opened))
    signals.signal_block(
        judged, opened, grain, f"xmr_{opened.id}", what=f"{opened.id} xmr", targets=shown, ahead=ahead
    )
    signals.link_to_changes(opened, grain, area, opened.headline_where())
    return (answer,)


def _parts(
    opened: Definition,
    area: str,
    where: Where,
    grain: str | None,
    mine: Sequence[TargetResult],
    together: tuple[Question, ...],
) -> tuple[Answer, ...]:
    """The indicator by unit or service, one small chart each, all on one scale, worst first."""
    offered = _splits(opened)
    if not offered:
        return ()
    components.section(_("By unit or service"))
    split = offered[0]
    if len(offered) > 1:
        split = filters.choice(SPLIT, _("Split by"), {name: names.dimension(name) for name in offered}, split)
    answer = cache.ask(replace(_parts_question(opened, area, where, grain, split), shown_with=together))
    rows = answer.rows
    shown = rows[rows["value"].notna() | rows["low"].notna()]
    if shown.empty:
        components.empty(_("There is nothing to split"), view.no_actual(opened))
        return (answer,)
    newest = shown.groupby(split, sort=True).tail(1).reset_index(drop=True)
    codes = list(worst_first(newest, opened)[split])
    names_of = names.names(split, codes[:MOST_PARTS])
    span = min(rows["period_start"]), max(rows["period_start"])
    targets = [step for step in steps(mine, opened) if step.start < span[1] and step.end > span[0]]
    chosen = rows[rows[split].isin(names_of)]
    top = max(
        [*(v for v in chosen["value"] if not formats.missing(v)), *(step.value for step in targets)],
        default=0,
    )
    shown_parts = []
    for code, name in names_of.items():
        own = chosen[chosen[split] == code]
        last = own.iloc[-1].to_dict()
        words = f"{formats.period(last['period'])}: {formats.short_marked(last, opened)}"
        drawn = charts.small(own, opened, grain or "year", targets, top)
        shown_parts.append(components.Small(name, words, drawn, f"{name}, {words}"))
    components.small_charts(shown_parts, "parts")
    remark = _("Worst first, by the newest value.")
    if targets:
        remark += " " + _("Green: the target of the whole area.")
    if len(codes) > MOST_PARTS:
        remark += " " + _("The {count} worst are drawn; all are in the table.").format(count=MOST_PARTS)
    table = answer_table(
        rows, opened, (split,), caption=f"{names.text(opened).name} – {names.dimension(split)}"
    )
    components.note(remark)
    components.table_block(table, f"parts_{opened.id}", what=f"{opened.id} {area} {split}")
    return (answer,)


components.guarded(draw)
