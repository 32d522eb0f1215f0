"""The opened indicator of the page of targets: trend, its targets, signal or noise, its parts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd
import streamlit as st

from indicators.analysis.control_chart import GRAINS as SPC_GRAINS
from indicators.analysis.projection import project
from indicators.answer_notes import entered_instead
from indicators.catalogue.definition import Definition
from indicators.engine.question import SUPPRESSED, Answer, with_value
from indicators.programme.annotations import annotations_for
from indicators.programme.benchmarks import benchmarks_for
from indicators.programme.targets import TargetResult
from indicators.wording import formats
from indicators.wording.translations import _, language
from pages import charts
from pages.charts.levels import after_last_target, chart_words, targets_in_periods
from pages.charts.references import demo_reference, references
from pages.text import names, projections, signals
from pages.text import opened_indicator as words
from pages.text import targets as target_words
from pages.text.benchmarks import benchmark_table
from pages.text.tables import answer_table, worst_first
from pages.ui import cache, components, filters, markup, target_board
from pages.ui.signals import link_to_changes, signal_block
from pages.ui.target_outlook import Outlook
from pages.ui.target_series import Series
from pages.views.targets import MARK_GRAIN, OpenedView, splits_of

SPLIT, VARIES = "jako", "vaihtelu"
MOST_PARTS = 12


@dataclass(frozen=True)
class Opened:
    """The opened indicator over time: `mine` are the results of its targets; `compared` areas of published figures to draw;
    where `doctors`, only doctor visits are shown.
    """

    view: OpenedView
    series: Series
    mine: Sequence[TargetResult]
    compared: Sequence[str]
    doctors: bool
    as_of: date

    @property
    def definition(self) -> Definition:
        """The indicator."""
        return self.view.definition

    @cached_property
    def steps(self) -> list[charts.Step]:
        """Its targets as levels over their periods."""
        return targets_in_periods(self.mine, self.definition)

    def trend(self) -> None:
        """The trend with targets, changes of the rules, seams, published figures of others and demo data apart."""
        opened, rows, demo = self.definition, self.series.rows, self.series.demo
        figures = benchmarks_for(opened.id, self.view.where, tuple(self.compared))
        targets = [] if self.doctors else self.steps
        published = references(figures, opened, self.compared)
        lines = [*published, *([demo_reference(demo)] if demo is not None else [])]
        if not with_value(rows).any() and not (rows["status"] == SUPPRESSED).any() and not published:
            components.empty(_("There is nothing to draw yet"), target_words.no_actual(opened))
            return
        after = after_last_target(targets, rows, self.as_of)
        numbered = self._numbered(charts.span_of(rows, [*targets, *([after] if after else [])], lines))
        breaks = [charts.Break(day, str(at)) for at, (day, _said) in enumerate(numbered, start=1)]
        remarks = words.chart_remarks(rows, self.mine, has_steps=bool(targets))
        remarks += words.line_remarks(
            opened, demo=demo is not None, published=bool(published), doctors=self.doctors
        )
        if opened.figures_first:
            entered = OpenedView.read(entered_instead, self.view.by("year"), cache.settings())
            remarks += words.entered_words(entered, opened)
        components.chart_block(
            charts.against_targets(
                rows, opened, targets=targets, after=after, breaks=breaks, references=lines
            ),
            chart_words(opened, rows, targets),
            answer_table(rows, opened, caption=names.text(opened).name),
            f"trend_{opened.id}",
            what=f"{opened.id} {self.view.area}",
            remark=" ".join(remarks),
        )
        for at, (day, said) in enumerate(numbered, start=1):
            components.note(f"{at} = {formats.day(day)}: {said}")
        if figures:
            components.table_block(
                benchmark_table(figures, opened),
                "beside",
                what=f"{opened.id} beside",
                title=_("Published figures, table and download"),
            )

    def _numbered(self, span: tuple[date, date] | None) -> list[tuple[date, str]]:
        """The days within a span on which the rules changed or the series has a seam, each with what changed."""
        noted = OpenedView.read(annotations_for, self.definition.id, self.view.area)
        events = [event for event in noted if span and span[0] < event.date < span[1]]
        seams = self.series.seams
        found = []
        for day in sorted({event.date for event in events} | {seam.date for seam in seams}):
            said = dict.fromkeys(event.text(language()) for event in events if event.date == day)
            said |= dict.fromkeys(seam.reason for seam in seams if seam.date == day)
            found.append((day, " ".join(said)))
        return found

    def own_targets(self, outlook: Outlook) -> None:
        """Its targets, each with wording, actual, verdict, distance, pace, what is missing and source."""
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
        for one in self.mine:
            missing = target_words.what_is_missing(one, self.definition, self.as_of, low)
            fields = (
                f'<span lang="fi">{html.escape(one.target.as_written)}</span>',
                target_board.actual_html(one, self.definition),
                markup.mark(one.verdict),
                target_board.distance_html(one, self.definition),
                html.escape(outlook.pace_and_projection(one, self.definition)),
                html.escape(missing),
                f'<span lang="fi">{html.escape(one.target.cited_source or "")}</span>',
            )
            cells = (markup.Field(text, label) for text, label in zip(fields, labels, strict=True))
            rows.append([markup.Field(html.escape(formats.period(one.target.period.label))), *cells])
        st.html(markup.board_html((_("Period"), *labels), [("", rows)], _("Targets of the indicator")))

    def variation(self) -> tuple[Answer, ...]:
        """The XmR chart by week, month or quarter, and the projection to the next target."""
        components.section(
            _("Signal or noise"),
            _(
                "How much the indicator varies by itself, and what is more than that. All the data of the headline, "
                "without the choices above."
            ),
        )
        view, opened = self.view, self.definition
        if not view.counted:
            components.note(
                _("Only single figures are known of this indicator: they make no series to judge.")
            )
            return ()
        options = {name: _(filters.GRAINS[name]) for name in SPC_GRAINS}
        grain = filters.choice(VARIES, _("Points"), options, MARK_GRAIN)
        answer = view.ask(view.variation(grain))
        breaks = signals.breaks_of(opened.id, view.area)
        levels = [one.target for one in self.mine if one.target.value is not None]
        levels = [target for target in levels if target.unit == opened.unit]
        coming = [target for target in levels if target.period.end > self.as_of]
        level = (coming[0] if coming else levels[-1]) if levels else None
        height = level.value if level else None
        judged = signals.series(answer, height, breaks)
        if grain != MARK_GRAIN:
            leading = signals.series(view.ask(view.variation(MARK_GRAIN)), height, breaks)
            components.note(signals.other_grain_words(leading, MARK_GRAIN, judged, grain))
        steps = []
        if level is not None and height is not None and judged.points:
            said = _("target {target}").format(target=target_words.wording(level))
            days = judged.points[0].date, judged.points[-1].date
            steps = [charts.Step(*days, height, said, faint=True)]
        ahead = None
        if coming:
            projected = project(answer, coming[0].period.end, breaks)
            components.note(projections.projection_words(projected, coming[0], opened))
            ahead = charts.projected_point(projected, opened)
            if ahead is not None:
                components.note(projections.assumptions(projected, coming[0], opened))
        signal_block(judged, opened, grain, f"xmr_{opened.id}", targets=steps, ahead=ahead)
        link_to_changes(opened, grain, view.area, opened.headline_where())
        return (answer,)

    def split(self) -> tuple[Answer, ...]:
        """The indicator by unit or service, one small chart each, all on one scale, worst first."""
        offered = splits_of(self.definition)
        if not offered:
            return ()
        components.section(_("By unit or service"))
        split = offered[0]
        if len(offered) > 1:
            named = {name: names.dimension(name) for name in offered}
            split = filters.choice(SPLIT, _("Split by"), named, split)
        view, opened = self.view, self.definition
        answer = view.ask(view.by_split)
        rows = answer.rows
        shown = rows[rows["value"].notna() | rows["low"].notna()]
        if shown.empty:
            components.empty(_("There is nothing to split"), target_words.no_actual(opened))
            return (answer,)
        newest = shown.groupby(split, sort=True).tail(1).reset_index(drop=True)
        codes = list(worst_first(newest, opened)[split])
        has_targets = self._small_charts(rows, split, codes[:MOST_PARTS])
        remark = _("Worst first, by the newest value.")
        if has_targets:
            remark += " " + _("Green: the target of the whole area.")
        if len(codes) > MOST_PARTS:
            remark += " " + _("The {count} worst are drawn; all are in the table.").format(count=MOST_PARTS)
        components.note(remark)
        caption = f"{names.text(opened).name} – {names.dimension(split)}"
        table = answer_table(rows, opened, (split,), caption=caption)
        components.table_block(table, f"parts_{opened.id}", what=f"{opened.id} {view.area} {split}")
        return (answer,)

    def _small_charts(self, rows: pd.DataFrame, split: str, codes: Sequence[str]) -> bool:
        """Draw a small chart of each value of a split; returns whether any target is in them."""
        opened, called = self.definition, names.names(split, codes)
        first, last = min(rows["period_start"]), max(rows["period_start"])
        targets = [step for step in self.steps if step.start < last and step.end > first]
        drawn = rows[rows[split].isin(called)]
        levels = [*drawn["value"].dropna(), *(step.value for step in targets)]
        shown = []
        for code, name in called.items():
            own = drawn[drawn[split] == code]
            newest = own.iloc[-1].to_dict()
            said = f"{formats.period(newest['period'])}: {formats.short_marked(newest, opened)}"
            figure = charts.small(own, opened, self.view.grain or "year", targets, max(levels, default=0))
            shown.append(components.Small(name, said, figure, f"{name}, {said}"))
        components.small_charts(shown, "parts")
        return bool(targets)
