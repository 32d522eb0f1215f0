"""The tabs of the page of one indicator: splits, variation, benchmarks, table and downloads, definition."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from indicators.analysis.control_chart import GRAINS as SPC_GRAINS
from indicators.analysis.projection import project
from indicators.answer_notes import entered_instead
from indicators.engine.question import Answer, with_value
from indicators.programme.benchmarks import COMPARABLE, DOCTOR_VISITS, benchmarks_for, sotkanet
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages import charts
from pages.charts.levels import chart_words
from pages.charts.references import demo_reference, references
from pages.sheet import link
from pages.text import indicator as words
from pages.text import names, projections, signals, variation
from pages.text import targets as target_words
from pages.text.benchmarks import benchmark_table
from pages.text.tables import Cell, Table, answer_table, value_cell
from pages.ui import address, cache, components, filters, markup, sheet, target_board
from pages.ui.indicator_links import indicator_address, link_to_indicator
from pages.ui.indicator_splits import split_table
from pages.ui.opened_indicator import OpenedIndicator
from pages.ui.pictures import Caption
from pages.ui.signals import signal_block
from pages.views.indicator import FIRST_GRAIN, IndicatorView, splits_of

SPLIT, ORDER, POINTS, COMPARED_AREAS = "jako", "osat", "vaihtelu", "rinnalla"
MOST_RUNS, MOST_AREAS = 8, 5


# --- splits ----------------------------------------------------------------------------------------------------------


def splits(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """What the indicator can be split by, and the table and file of the split that the reader opens; none is at first."""
    view, opened = shown.view, shown.view.opened
    offered = splits_of(opened)
    if not view.by_rows or not offered:
        components.note(_("The figure cannot be split: it is known as a whole only."))
        return ()
    split = address.selected(SPLIT, offered, "")
    sheet.show(_split_links(offered, split), "splits")
    if not split:
        return ()
    table, answer = split_table(shown, split, ORDER)
    sheet.show(table, "split")
    caption = f"{names.text(opened).name} – {names.dimension(split)}"
    components.table_block(
        answer_table(answer.rows, opened, (split,), caption=caption),
        f"parts_{opened.id}",
        what=f"{opened.id} {view.area} {split}",
    )
    return (answer,)


def _split_links(offered: Sequence[str], chosen: str) -> str:
    """The splits as links; the one that is open is not one."""
    said = [
        f'<strong aria-current="true">{html.escape(names.dimension(name))}</strong>'
        if name == chosen
        else link(components.link_here({SPLIT: name, ORDER: ""}), names.dimension(name))
        for name in offered
    ]
    heading = html.escape(_("Split by"), quote=True)
    return f'<nav aria-label="{heading}"><p>{" · ".join(said)}</p></nav>'


# --- variation -------------------------------------------------------------------------------------------------------


def variation_tab(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """The control chart of all points, what is more than ordinary variation, the breaks, and the projection."""
    view, opened = shown.view, shown.view.opened
    grains = [grain for grain in SPC_GRAINS if view.by_rows or grain == view.grain]
    if not grains:
        components.note(_("Only single figures are known of this indicator: they make no series to judge."))
        return ()
    own = view.chosen.grain if view.chosen.grain in grains else FIRST_GRAIN
    with st.container(horizontal=True, vertical_alignment="bottom"):
        grain = own
        if len(grains) > 1:
            options = {name: _(filters.GRAINS[name]) for name in grains}
            grain = filters.choice(POINTS, _("Points"), options, own)
        shown.choose_baseline()
    answer = view.from_first(grain)
    judged = shown.judge(answer)
    if grain != own:
        components.note(signals.other_grain_words(shown.judge(view.from_first(own)), own, judged, grain))
    target, steps, ahead = shown.target, [], None
    if target is not None and target.value is not None and judged.points:
        said = _("target {target}").format(target=target_words.wording(target))
        days = judged.points[0].date, judged.points[-1].date
        steps = [charts.Step(*days, target.value, said, faint=True)]
        ahead = _projected(shown, answer, target)
    components.note(
        variation.varies(judged, {row["period"]: row for row in answer.rows.to_dict("records")}, opened)
    )
    signal_block(judged, opened, grain, f"xmr_{opened.id}", targets=steps, ahead=ahead)
    if judged.last is not None:
        _signals(judged)
        breaks = (*shown.breaks, *signals.seams(answer))
        if breaks:
            components.section(_("Where the series starts anew"))
            components.show_table(variation.breaks_table(breaks, judged))
        else:
            components.note(
                _(
                    "No break is known. Annotations that start a series anew are entered on the page for entering figures."
                )
            )
        components.note(
            _(
                "The limits rest on the first {count} values of each stretch; they hold for the later ones too."
            ).format(count=shown.baseline)
            if shown.baseline
            else _("The limits rest on all values of each stretch.")
        )
    return (answer,)


def _projected(shown: OpenedIndicator, answer: Answer, target: Target) -> charts.Projected | None:
    """The projection to a target ahead, with its assumptions; of the headline alone."""
    if target.period.end <= shown.as_of or not shown.view.is_headline:
        return None
    opened = shown.view.opened
    projected = project(answer, target.period.end, shown.breaks)
    components.note(projections.projection_words(projected, target, opened))
    components.note(projections.assumptions(projected, target, opened))
    return charts.projected_point(projected, opened)


def _signals(judged: signals.SpcResult) -> None:
    components.section(_("What is more than ordinary variation"))
    runs = signals.runs(judged)
    if not runs:
        components.note(_("Nothing: none of the four rules finds anything in this series."))
        return
    components.facts([signals.run_words(run) for run in runs[:MOST_RUNS]])
    if len(runs) > MOST_RUNS:
        more = len(runs) - MOST_RUNS
        components.note(
            ngettext(
                "{count} earlier one is in the table of the chart.",
                "{count} earlier ones are in the table of the chart.",
                more,
            ).format(count=more)
        )


# --- benchmarks ------------------------------------------------------------------------------------------------------


def benchmarks(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """Published figures of areas and the country where there are any; the other areas that know the indicator."""
    answers = _published(shown) if shown.view.opened.id == COMPARABLE else ()
    if shown.series.demo is not None:
        _demo_line(shown, shown.series.demo)
    answers += _other_areas(shown)
    if not answers and shown.series.demo is None:
        components.note(_("No figures of other areas are known of this indicator."))
    components.link("compare", _("Compare units and areas"))
    return answers


def _published(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """Our doctor visits with the published shares of areas: those are of doctor visits alone."""
    view, opened = shown.view.doctors, shown.view.opened
    there = list(dict.fromkeys(found.area for found in sotkanet()))
    compared = filters.choose_several(
        COMPARED_AREAS,
        _("Published figures for comparison"),
        names.names("area", there),
        [code for code in ("FI", view.area) if code in there],
        MOST_AREAS,
    )
    answer = view.from_first("year")
    figures = benchmarks_for(opened.id, view.where, tuple(compared))
    lines = references(figures, opened, compared)
    remarks = words.chart_remarks(answer.rows, (), has_steps=False)
    remarks += words.line_remarks(demo=False, published=bool(lines))
    components.chart_block(
        charts.against_targets(answer.rows, opened, references=lines),
        chart_words(opened, answer.rows, ()),
        answer_table(answer.rows, opened, caption=names.text(opened).name),
        f"doctors_{opened.id}",
        what=f"{opened.id} {view.area} doctors",
        picture=Caption(_doctors_title(view), scope=names.scope(view.area, view.where), answers=(answer,)),
        remark=" ".join(remarks),
    )
    if figures:
        components.table_block(
            benchmark_table(figures, opened),
            "beside",
            what=f"{opened.id} beside",
            title=_("Published figures, table and download"),
        )
    return (answer,)


def _doctors_title(view: IndicatorView) -> str:
    """The indicator with the visits it is of: published figures of an area cannot be narrowed to those of doctors."""
    name = names.text(view.opened).name
    return _("{name}, doctor visits").format(name=name) if DOCTOR_VISITS in view.where else name


def _demo_line(shown: OpenedIndicator, demo: Answer) -> None:
    """Demo data beside a published series, by year: a line of its own."""
    rows, view, opened = shown.series.rows, shown.view, shown.view.opened
    components.chart_block(
        charts.against_targets(rows, opened, targets=shown.steps, references=[demo_reference(demo)]),
        chart_words(opened, rows, shown.steps),
        answer_table(demo.rows, opened, caption=_("Demo data")),
        f"demo_{opened.id}",
        what=f"{opened.id} demo",
        picture=Caption(
            _("{name}, published figures and demo data").format(name=names.text(opened).name),
            scope=names.scope(view.area, view.where),
            answers=shown.series.answers,
        ),
        remark=" ".join(words.line_remarks(demo=True, published=False)),
    )


def _other_areas(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """The newest year of each other area in which the indicator is known, each a link to it."""
    view, opened = shown.view, shown.view.opened
    answers, rows, links = [], [], []
    for area in view.other_areas():
        answer = view.ask(view.of_area(area))
        known = answer.rows[with_value(answer.rows)]
        if known.empty:
            continue
        answers.append(answer)
        newest = known.iloc[-1].to_dict()
        name = names.name("area", area)
        rows.append(
            (name, Cell(formats.period(newest["period"]), newest["period"]), value_cell(newest, opened))
        )
        link = html.escape(indicator_address(opened, area), quote=True)
        links.append((f'<a href="{link}" target="_self">{html.escape(name)}</a>', rows[-1]))
    if rows:
        header = (_("Area"), _("Newest period"), f"{names.text(opened).short}, {formats.unit_word(opened)}")
        fields = [
            [markup.Field(link), *(markup.Field(html.escape(cell.text)) for cell in row[1:])]
            for link, row in links
        ]
        st.html(markup.board_html(header, [("", fields)], _("Other areas")))
        table = Table.of(_("Other areas"), header, rows, (2,))
        components.download(table, f"areas_{opened.id}", what=f"{opened.id} areas")
    return tuple(answers)


# --- table and definition --------------------------------------------------------------------------------------------


def table_and_downloads(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """Every period with what it rests on, the targets of the indicator as they were written, and the files of both."""
    view, opened = shown.view, shown.view.opened
    if opened.figures_first:
        for said in words.entered_words(
            view.read(entered_instead, view.by("year"), cache.settings()), opened
        ):
            components.note(said)
    if shown.results:
        _own_targets(shown)
    table = answer_table(shown.series.rows, opened, caption=names.text(opened).name)
    components.full_table(table, f"trend_{opened.id}", what=f"{opened.id} {view.area}")
    return ()


def _own_targets(shown: OpenedIndicator) -> None:
    """The targets, each with wording, actual, verdict, distance, pace, what is missing and source."""
    opened, low = shown.view.opened, cache.settings().low_coverage_pct
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
    for one in shown.results:
        fields = (
            f'<span lang="fi">{html.escape(one.target.as_written)}</span>',
            target_board.actual_html(one, opened),
            markup.mark(one.verdict),
            target_board.distance_html(one, opened),
            html.escape(shown.outlook.pace_and_projection(one, opened)),
            html.escape(target_words.what_is_missing(one, opened, shown.as_of, low)),
            f'<span lang="fi">{html.escape(one.target.cited_source or "")}</span>',
        )
        cells = (markup.Field(text, label) for text, label in zip(fields, labels, strict=True))
        rows.append([markup.Field(html.escape(formats.period(one.target.period.label))), *cells])
    st.html(markup.board_html((_("Period"), *labels), [("", rows)], _("Targets of the indicator")))
    components.download(
        target_words.results_table(shown.results, shown.as_of, low),
        f"targets_{opened.id}",
        what=f"targets {shown.view.area} {opened.id}",
    )


def definition(shown: OpenedIndicator) -> tuple[Answer, ...]:
    """What the figure means: how it is computed, where it comes from, its limitations, and the indicator read with it."""
    opened = shown.view.opened
    said = names.text(opened)
    components.facts(
        [
            (_("What it is"), said.what),
            (_("How it is computed"), said.formula),
            (_("Where it comes from"), said.source),
            (_("Limitations"), said.weaknesses),
            *([(_("Owner"), opened.owner)] if opened.owner else []),
            *([(_("Looked at again by"), formats.day(opened.review))] if opened.review else []),
        ]
    )
    with st.container(horizontal=True):
        if opened.twin:
            twin = cache.definitions()[opened.twin]
            label = _("To be read with it: {name}").format(name=names.text(twin).name)
            link_to_indicator(label, twin, shown.view.area)
        components.link("definitions", _("All definitions"), {"mittari": opened.id})
    return ()
