"""Overview: what was promised for a year, where the area stands, which way it goes, what to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.analysis.control_chart import SpcResult
from indicators.catalogue.definition import Definition
from indicators.drawing.small import sparkline
from indicators.engine.question import INCOMPLETE, Answer
from indicators.programme.decisions import decisions, without_data
from indicators.programme.targets import TargetResult, target_results
from indicators.programme.verdicts import NO_TARGET
from indicators.programme.year_summary import (
    Ahead,
    YearSummary,
    headline,
    headline_results,
    target_years,
    year_summary,
)
from indicators.wording import decisions as decision_words
from indicators.wording import formats
from indicators.wording import targets as target_wording
from indicators.wording.translations import _
from pages.sheet import (
    Column,
    Row,
    Value,
    action_list,
    data_table,
    finding,
    fold,
    link,
    note,
    plain_value,
    verdict_badge,
)
from pages.sheet.evidence import signal_in_row
from pages.text import names
from pages.text import overview as words
from pages.text import targets as target_words
from pages.text.targets import definition_of
from pages.ui import address, cache, components, filters, sheet, styles
from pages.ui.indicator_links import VIEW, indicator_address, period_of
from pages.ui.report_buttons import Offer
from pages.ui.target_outlook import Outlook
from pages.ui.target_years import stretch, years_table
from pages.views.overview import OverviewView
from pages.views.targets import TargetsView

YEAR = "vuosi"
#: In the address: what is unfolded.
ALL_YEARS, FILES, WITHOUT_DATA = "vuodet", "taulukko", "ilman-tietoja"
#: Verdicts that are shown row by row; of the others there is nothing to compare.
JUDGED = ("not_met", "met", "not_due", "suppressed")
_BETWEEN = " · "


def draw() -> None:
    """The page."""
    as_of, settings = cache.today(), cache.settings()
    head = st.container()
    with filters.plain_row():
        area = filters.county_with_targets()
        years = OverviewView.read(target_years, area)
        year = _year_choice(years, as_of) if years else as_of.year
    if not years:
        _without_targets(head, area, as_of)
        return
    with st.spinner(_("Targets and actuals are being compared …")):
        summary = OverviewView.read(year_summary, settings, as_of=as_of, area=area, year=year)
        shown = OverviewView.read(headline_results, settings, as_of=as_of, area=area, year=year)
        board = _Board.of(area, summary, as_of)
    with head:
        components.title(_("Overview"), summary, *board.answers.values(), report=Offer(area, year))
    sheet.show(partial(_first_screen, board, shown), "first")
    components.how_to_read(
        _(
            "The rows are the year's targets by their verdict, those not reached first. A click on a row shows why."
        ),
        _(
            "The direction says whether the figure has changed by more than chance explains, by month: the page of the "
            "indicator judges the same. The small line has a scale of its own in each row."
        ),
    )
    _depth(board, years)
    cited = [one.target.cited_source for one in summary.results if one.target.cited_source]
    used = [load for one in (*summary.results, *shown) for load in one.loads]
    components.sources(*board.answers.values(), cited=cited, used=used)


def _first_screen(board: _Board, shown: Sequence[TargetResult]) -> str:
    """The finding, what to decide, the targets by verdict, what cannot be compared."""
    said = words.finding(board.summary, shown, names.name("area", board.area))
    return finding(said) + board.changed_besides(shown) + board.decisions() + board.table() + board.folded()


def _year_choice(years: tuple[int, ...], as_of: date) -> int:
    """The years that have targets; the newest that has begun is shown first."""
    begun = [year for year in years if year <= as_of.year] or [years[0]]
    options = {str(year): str(year) for year in years}
    return int(filters.choice(YEAR, _("Year"), options, str(begun[-1]), shown=False))


def _depth(board: _Board, years: Sequence[int]) -> None:
    """What is one tap away: every year, the files, what the figures mean."""
    summary, area = board.summary, board.area
    with_years = components.unfold(VIEW, ALL_YEARS, _("All years: {years}").format(years=stretch(years)))
    if with_years is not None:
        with with_years:
            st.html(styles.BOARD_STYLE)
            every = tuple(OverviewView.read(target_results, cache.settings(), as_of=board.as_of, area=area))
            years_table(every, years, board.outlook)
    files = components.unfold(VIEW, FILES, _("Table and downloads"))
    if files is not None:
        with files:
            components.download(
                target_words.results_table(summary.results, board.as_of, cache.settings().low_coverage_pct),
                f"{area}_{summary.year}",
                what=f"targets {area} {summary.year}",
            )


def _without_targets(head: DeltaGenerator, area: str, as_of: date) -> None:
    """An area without targets: each headline indicator of which anything is known, with its newest figure."""
    found = OverviewView.read(headline_results, cache.settings(), as_of=as_of, area=area, year=as_of.year)
    shown = [one for one in found if one.actual.value is not None or one.earlier is not None]
    summary = YearSummary(area, as_of.year, tuple(shown), (), (), ())
    board = _Board.of(area, summary, as_of)
    with head:
        components.title(_("Overview"), *board.answers.values())
    said = target_words.year_finding((), as_of.year, names.name("area", area))
    sheet.show(finding(said) + (board.newest() if shown else ""), "first")
    components.empty(
        _("There is nothing to compare with"),
        _(
            "No targets are loaded for this area. Choose another area, or load the area's targets as a file of targets."
        ),
    )
    if shown:
        components.sources(*board.answers.values(), used=[load for one in shown for load in one.loads])


@dataclass(frozen=True)
class _Board:
    """The targets of a year as a table, with their trends and signals."""

    summary: YearSummary
    outlook: Outlook
    answers: Mapping[str, Answer]
    as_of: date

    @classmethod
    def of(cls, area: str, summary: YearSummary, as_of: date) -> _Board:
        """The board of a year, with the small trends of what anything is known of."""
        view = OverviewView(area)
        every: Iterable[TargetResult] = (*summary.results, *(ahead.result for ahead in summary.ahead))
        known = [one for one in every if one.actual.has_value or one.earlier is not None]
        answers = {one.target.indicator: view.ask(view.trend(definition_of(one))) for one in known}
        return cls(summary, Outlook(TargetsView(area), as_of), answers, as_of)

    @property
    def area(self) -> str:
        """The area's code."""
        return self.summary.area

    def table(self) -> str:
        """One row per target that can be compared, by verdict, those not reached first."""
        groups = []
        for verdict in JUDGED:
            mine = sorted(
                (one for one in self.summary.results if one.verdict == verdict), key=_headline_first
            )
            if mine:
                title = verdict_badge(verdict, formats.number(len(mine)))
                groups.append((title, [self._row(one) for one in mine]))
        if self.summary.ahead:
            later = _("Promised for later: distance and the pace needed")
            title = f'<p class="tv-badge">{escape(later)}</p>'
            groups.append((title, [self._ahead_row(one) for one in self.summary.ahead]))
        if not groups:
            return ""
        caption = _("Targets of {year}, {area}").format(
            year=self.summary.year, area=names.name("area", self.area)
        )
        return data_table(caption, self._columns(), (), "", groups=groups)

    def newest(self) -> str:
        """One row per indicator with its newest figure, where the area has no targets."""
        caption = _("Newest figures, {area}").format(area=names.name("area", self.area))
        return data_table(caption, self._columns(), [self._row(one) for one in self.summary.results], "")

    def _columns(self) -> list[Column]:
        return [
            Column("mittari", _("What was promised"), right=False),
            Column("toteuma", _("Where we stand")),
            Column("tavoite", _("Target {year}").format(year=self.summary.year)),
            Column("ero", _("Distance"), hides="narrow"),
            Column("kehitys", _("Trend"), right=False, hides="narrow"),
            Column("suunta", self._direction_heading(), right=False, hides="narrow"),
        ]

    def _direction_heading(self) -> str:
        """The direction, with the period that most of them are of."""
        if not self.judged_period:
            return _("Direction")
        return _("Direction by month, {period}").format(period=formats.period(self.judged_period))

    def _row(self, result: TargetResult) -> Row:
        meant, target = definition_of(result), result.target
        remark = [
            target_words.period(target, self.summary.year),
            target_words.written_otherwise(target),
            target_wording.percentile(result.actual, meant),
            *self._caveats(result, meant),
        ]
        return Row(
            names.text(meant).short,
            indicator_address(meant, self.area, more=_period_shown(result)),
            (
                self._actual(result, meant),
                plain_value(target_words.in_words(target) or _("no level")),
                plain_value(target_words.distance(result, meant) or "–"),
                self._small(result, meant),
                self._direction(meant),
            ),
            remark=_BETWEEN.join(text for text in remark if text),
        )

    def _caveats(self, result: TargetResult, meant: Definition) -> list[str]:
        """What to beware of in an actual, in short."""
        actual, target = result.actual, result.target
        said = [
            formats.status_word(INCOMPLETE) if actual.status == INCOMPLETE else "",
            _("The period ends on {day}.").format(day=formats.day(target.period.end))
            if target.period.end > self.as_of and target.can_be_judged
            else "",
            target_words.year_before(result, meant) if target.is_direction else "",
            target_words.law_allows_none(meant) if actual.value else "",
            target_words.unrecorded(result, meant)
            or target_words.low_coverage(actual, meant, cache.settings().low_coverage_pct),
            _("Only a range is known.") if actual.ranged else "",
        ]
        return [text for text in said if text]

    def _ahead_row(self, ahead: Ahead) -> Row:
        meant = definition_of(ahead.result)
        return Row(
            names.text(meant).short,
            indicator_address(meant, self.area, more=_period_shown(ahead.result)),
            (
                self._actual(ahead.result, meant),
                plain_value(
                    f"{target_words.in_words(ahead.target)} ({formats.period(ahead.target.period.label)})"
                ),
                plain_value("–"),
                self._small(ahead.result, meant),
                self._direction(meant),
            ),
            remark=_BETWEEN.join(
                [target_words.ahead_words(ahead, meant), *self._caveats(ahead.result, meant)]
            ),
        )

    def _actual(self, result: TargetResult, meant: Definition) -> Value:
        if not result.actual.has_value and result.earlier is not None:
            return Value(
                f'<span class="tv-earlier">{escape(target_words.earlier_words(result, meant))}</span>'
            )
        return plain_value(target_words.value(result, meant), kind="text")

    def _small(self, result: TargetResult, meant: Definition) -> Value:
        answer = self.answers.get(result.target.indicator)
        level = result.target.value if result.target.unit == meant.unit else None
        values = words.trend_values(answer, self.summary.year)
        alt = words.trend_words(answer, meant, self.summary.year)
        return Value(sparkline(values, target=level, alt=alt) or "–")

    def _direction(self, meant: Definition) -> Value:
        judged = self.judged(meant)
        if judged is None:
            return Value("–")
        of = words.judged_period(judged)
        other = note(formats.period(of)) if of and of != self.judged_period else ""
        return Value(signal_in_row(judged) + other)

    @cached_property
    def judged_period(self) -> str:
        """The period of which most directions are; empty where nothing is judged."""
        periods = Counter(filter(None, map(words.judged_period, self._charts.values())))
        return periods.most_common(1)[0][0] if periods else ""

    @cached_property
    def _charts(self) -> Mapping[str, SpcResult]:
        """The signals of the headlines of what is counted from rows, by indicator."""
        known = cache.definitions()
        found = {name: self.outlook.judged(known[name]) for name in self.answers}
        return {name: chart for name, chart in found.items() if chart is not None}

    def judged(self, meant: Definition) -> SpcResult | None:
        """The signals of an indicator's headline; None of what is not counted from rows."""
        return self._charts.get(meant.id)

    def changed_besides(self, shown: Sequence[TargetResult]) -> str:
        """The headline indicators without a target this year that really changed, each a link: they have no row."""
        there = {one.target.indicator for one in self.summary.results}
        found: dict[str, list[str]] = {}
        for meant in (definition_of(one) for one in shown if one.target.indicator not in there):
            chart = self.outlook.judged(meant)
            kind = None if chart is None or chart.last is None else chart.kind_of(chart.last.label)
            if kind is not None:
                found.setdefault(kind, []).append(
                    link(indicator_address(meant, self.area), names.text(meant).short)
                )
        said = [
            f"{escape(word)}: {', '.join(found[kind])}." for kind, word in words.changes() if kind in found
        ]
        return f'<p class="tv-small">{" ".join(said)}</p>' if said else ""

    def decisions(self) -> str:
        """What the board is asked to decide."""
        known = [definition_of(one) for one in self.summary.results if one.actual.has_value]
        judged = {one.id: chart for one in known if (chart := self.judged(one)) is not None}
        found = decisions(self.summary.results, judged, headline())
        unreported = ((YEAR, (str(self.summary.year),)), (VIEW, (WITHOUT_DATA,)))
        lines = components.linked(
            decision_words.decision_actions(found, cache.definitions(), unreported), self.area
        )
        remark = decision_words.note(found, self.summary.results)
        return action_list(_("To be decided"), lines, remark, strip=True)

    def folded(self) -> str:
        """What cannot be compared, in one line each that unfolds: without figures, without a level, of other years."""
        said = []
        if without := without_data(self.summary.results):
            enter = components.link_to_page("figures", {address.PARAMETERS["area"]: self.area})
            listed = self._by_reason(without) + enter
            opened = WITHOUT_DATA in st.query_params.get_all(VIEW)
            said.append(fold(words.without_information(len(without)), listed, opened=opened))
        if no_level := [one for one in self.summary.results if one.verdict == NO_TARGET]:
            said.append(fold(words.without_level(len(no_level)), self._by_reason(no_level)))
        others = [
            _("Promised from later on: {indicators}.").format(indicators=words.listed(self.summary.later))
            if self.summary.later
            else "",
            _("Target period ended before {year}: {indicators}.").format(
                year=self.summary.year, indicators=words.listed(self.summary.ended)
            )
            if self.summary.ended
            else "",
        ]
        if any(others):
            count = len(self.summary.later) + len(self.summary.ended)
            said.append(fold(words.of_other_years(count), "".join(map(note, others))))
        return "".join(said)

    def _by_reason(self, results: Sequence[TargetResult]) -> str:
        """Targets that cannot be compared under the reasons why, that of most first."""
        by_reason: dict[str, list[TargetResult]] = {}
        for one in results:
            low = cache.settings().low_coverage_pct
            reason = target_words.what_is_missing(one, definition_of(one), self.as_of, low)
            by_reason.setdefault(reason, []).append(one)
        return "".join(
            note(reason) + f"<ul>{''.join(map(self._item, members))}</ul>"
            for reason, members in sorted(by_reason.items(), key=lambda item: -len(item[1]))
        )

    def _item(self, result: TargetResult) -> str:
        """A target of which nothing can be said: its name, its wording, an earlier figure."""
        meant = definition_of(result)
        more = [target_words.wording(result.target), target_words.earlier_words(result, meant)]
        said = ", ".join(text for text in more if text)
        quote = target_words.quote(result.target)
        quoted = f' <span class="tv-small" lang="fi">”{escape(quote)}”</span>' if quote else ""
        return f"<li>{link(indicator_address(meant, self.area), names.text(meant).name)}: {escape(said)}{quoted}</li>"


def _period_shown(result: TargetResult) -> dict[str, str]:
    """The period of the figure shown, for the address: an earlier one where the target's own has none."""
    shown = result.actual if result.actual.has_value or result.earlier is None else result.earlier
    return period_of(shown.period)


def _headline_first(result: TargetResult) -> int:
    """Sorts the headline indicators before all others, which stay in their order."""
    return (
        headline().index(result.target.indicator)
        if result.target.indicator in headline()
        else len(headline())
    )


components.guarded(draw)
