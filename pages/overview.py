"""Overview: the area against its targets of a year, in ten seconds, and why, in one scroll."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.engine.question import Answer
from indicators.programme.targets import TargetResult
from indicators.programme.year_summary import (
    Ahead,
    YearSummary,
    headline_results,
    target_years,
    year_summary,
)
from indicators.wording.translations import _
from pages import charts
from pages.text import names
from pages.text import overview as words
from pages.text import targets as target_words
from pages.text.targets import definition_of
from pages.text.tiles import Tile
from pages.ui import cache, components, filters, indicator_links, markup, styles, target_board
from pages.views.overview import OverviewView

YEAR = "vuosi"


def draw() -> None:
    """The page."""
    st.html(styles.BOARD_STYLE)
    as_of, settings = cache.today(), cache.settings()
    head = st.container()
    with (
        st.container(key="filter_area"),
        st.container(key="filter_row", horizontal=True, vertical_alignment="bottom"),
    ):
        area = filters.county_with_targets()
        years = OverviewView.read(target_years, area)
        year = _year_choice(years, as_of) if years else as_of.year
    if not years:
        _without_targets(head, area, as_of)
        return
    with st.spinner(_("Targets and actuals are being compared …")):
        summary = OverviewView.read(year_summary, settings, as_of=as_of, area=area, year=year)
        shown = OverviewView.read(headline_results, settings, as_of=as_of, area=area, year=year)
        every = (*summary.results, *(ahead.result for ahead in summary.ahead), *shown)
        shown_trends = _Trends.of(area, every, year, as_of)
    with head:
        said = words.finding(summary, shown, names.name("area", area), settings.low_coverage_pct)
        components.heading(_("Overview"), said, summary, *shown_trends.answers.values())
    ahead = {one.target.indicator: one for one in summary.ahead}
    components.tiles(
        [shown_trends.tile(one, ahead.get(one.target.indicator), at == 0) for at, one in enumerate(shown)]
    )
    components.section(_("Targets of {year}").format(year=year))
    _table(summary, shown_trends)
    if summary.later:
        components.note(
            _("Promised from later on: {indicators}.").format(indicators=words.listed(summary.later))
        )
    if summary.ended:
        components.note(
            _("Target period ended before {year}: {indicators}.").format(
                year=year, indicators=words.listed(summary.ended)
            )
        )
    components.download(
        target_words.results_table(summary.results, as_of, settings.low_coverage_pct),
        f"{area}_{year}",
        what=f"targets {area} {year}",
    )
    cited = [one.target.cited_source for one in summary.results if one.target.cited_source]
    used = [load for one in (*summary.results, *shown) for load in one.loads]
    components.sources(*shown_trends.answers.values(), cited=cited, used=used)
    components.definition_block(*map(definition_of, shown))


def _year_choice(years: tuple[int, ...], as_of: date) -> int:
    """The years that have targets; the newest that has begun is shown first."""
    begun = [year for year in years if year <= as_of.year] or [years[0]]
    chosen = filters.choice(YEAR, _("Year"), {str(year): str(year) for year in years}, str(begun[-1]))
    return int(chosen)


def _without_targets(head: DeltaGenerator, area: str, as_of: date) -> None:
    """An area without targets: each headline indicator of which anything is known, with its newest figure."""
    found = OverviewView.read(headline_results, cache.settings(), as_of=as_of, area=area, year=as_of.year)
    shown = [one for one in found if one.actual.value is not None or one.earlier is not None]
    trends = _Trends.of(area, shown, as_of.year, as_of)
    with head:
        said = target_words.year_finding((), as_of.year, names.name("area", area))
        components.heading(_("Overview"), said, *trends.answers.values())
    if shown:
        components.tiles([trends.tile(one, None, at == 0) for at, one in enumerate(shown)])
    components.empty(
        _("There is nothing to compare with"),
        _(
            "No targets are loaded for this area. Choose another area, or load the area's targets as a file of targets."
        ),
    )
    if shown:
        components.sources(*trends.answers.values(), used=[load for one in shown for load in one.loads])
        components.definition_block(*map(definition_of, shown))


@dataclass(frozen=True)
class _Trends:
    """The small trends of the page's indicators until the end of a year, and the tiles with them."""

    view: OverviewView
    answers: Mapping[str, Answer]
    year: int
    as_of: date

    @classmethod
    def of(cls, area: str, results: Iterable[TargetResult], year: int, as_of: date) -> _Trends:
        """The trends of results of which anything is known."""
        view = OverviewView(area)
        known = [one for one in results if one.actual.has_value or one.earlier is not None]
        answers = {one.target.indicator: view.ask(view.trend(definition_of(one))) for one in known}
        return cls(view, answers, year, as_of)

    def tile(self, result: TargetResult, ahead: Ahead | None, first: bool) -> Tile:
        """One headline indicator: its value against the target, or the newest earlier one, hollow."""
        definition, target, hollow = definition_of(result), result.target, words.is_earlier(result)
        trend, grain = self.answers.get(target.indicator), words.change_grain(result)
        change = None
        if grain is not None:
            series = self.view.ask(self.view.series(definition, grain))
            change = words.change_words(result, definition, series, grain)
        return Tile(
            names.text(definition).short,
            target_words.known(result.earlier, definition)
            if result.earlier is not None and hollow
            else target_words.value(result, definition),
            words.tile_details(result, ahead, self.year, self.as_of, cache.settings().low_coverage_pct),
            result.verdict if result.verdict in ("met", "not_met", "not_due") else None,
            change,
            words.trend_values(trend, self.year),
            words.trend_words(trend, definition, self.year),
            target.value if target.unit == definition.unit else None,
            first,
            hollow,
            indicator_links.indicator_address(definition, target.area),
        )

    def row(self, result: TargetResult, labels: Sequence[str], said_already: str) -> list[markup.Field]:
        """A row of the table."""
        definition = definition_of(result)
        missing = self.missing(result)
        fields = (
            target_board.target_html(result.target, self.year),
            target_board.actual_html(result, definition),
            markup.mark(result.verdict),
            target_board.distance_html(result, definition),
            self._small(result),
            html.escape("" if missing == said_already else missing),
        )
        return target_board.target_row(result.target, definition, fields, labels)

    def ahead_row(self, ahead: Ahead, labels: Sequence[str]) -> list[markup.Field]:
        """A row of something promised for later, with the year's actual."""
        definition = definition_of(ahead.result)
        fields = (
            target_board.target_html(ahead.target, self.year),
            target_board.actual_html(ahead.result, definition),
            markup.mark("not_due"),
            html.escape(target_words.ahead_words(ahead, definition)),
            self._small(ahead.result),
            html.escape(self.missing(ahead.result)),
        )
        return target_board.target_row(ahead.target, definition, fields, labels)

    def missing(self, result: TargetResult) -> str:
        """What is missing from a result and why."""
        low = cache.settings().low_coverage_pct
        return target_words.what_is_missing(result, definition_of(result), self.as_of, low)

    def _small(self, result: TargetResult) -> str:
        definition, answer = definition_of(result), self.answers.get(result.target.indicator)
        level = result.target.value if result.target.unit == definition.unit else None
        line = charts.sparkline(words.trend_values(answer, self.year), level)
        alt = html.escape(words.trend_words(answer, definition, self.year), quote=True)
        return f'<img src="{line}" alt="{alt}">' if line else ""


def _table(summary: YearSummary, trends: _Trends) -> None:
    """Every target of the year, those not reached first, and what is promised for later."""
    labels = (_("Target"), _("Actual"), _("Verdict"), _("Distance"), _("Trend"), _("What is missing and why"))
    groups: list[tuple[str, list[list[markup.Field]]]] = []
    for verdict in target_words.GROUPS:
        by_reason: dict[str, list[TargetResult]] = {}
        for one in summary.results:
            if one.verdict == verdict:
                # What has nothing to judge is grouped by the reason, given once.
                reason = trends.missing(one) if verdict in ("no_data", "no_target") else ""
                by_reason.setdefault(reason, []).append(one)
        for reason, members in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            title = target_board.group_title(verdict, len(members)) + markup.muted(reason)
            ordered = sorted(members, key=lambda one: one.earlier is None)
            groups.append((title, [trends.row(one, labels, reason) for one in ordered]))
    if summary.ahead:
        title = markup.mark("not_due", word=_("Promised for later: distance and the pace needed"))
        groups.append((title, [trends.ahead_row(one, labels) for one in summary.ahead]))
    caption = _("Targets of {year}, {area}").format(year=summary.year, area=names.name("area", summary.area))
    st.html(markup.board_html((_("Indicator"), *labels), groups, caption))


components.guarded(draw)
