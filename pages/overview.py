"""Overview: where the area stands against its targets of a year, in ten seconds, and why, in one scroll."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.analysis.change import change_against
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import grain_of
from indicators.engine.from_data import has_row_data
from indicators.engine.question import Answer, Question
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import (
    Ahead,
    YearStanding,
    headline_results,
    target_years,
    year_standing,
)
from pages import charts
from pages.text import formats, names
from pages.text import targets as view
from pages.text.tiles import Tile
from pages.text.translations import _, language
from pages.ui import cache, components, filters, markup, styles, target_board

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
        area = filters.area_with_targets()
        years = cache.cached_call(target_years, area)
        year = _year_choice(years, as_of) if years else as_of.year
    if not years:
        without_targets(head, area, as_of)
        return
    with st.spinner(_("Targets and actuals are being compared …")):
        standing = cache.cached_call(year_standing, settings, as_of=as_of, area=area, year=year)
        shown = cache.cached_call(headline_results, settings, as_of=as_of, area=area, year=year)
        trends = {
            one.target.indicator: cache.ask(trend_question(view.definition_of(one), area))
            for one in (*standing.results, *(ahead.result for ahead in standing.ahead), *shown)
            if one.actual.told or one.earlier is not None
        }
    with head:
        components.heading(
            _("Overview"), finding(standing, shown, names.name("area", area)), standing, *trends.values()
        )
    ahead = {one.target.indicator: one for one in standing.ahead}
    components.tiles(
        [
            tile(one, ahead.get(one.target.indicator), trends, year, as_of, at == 0)
            for at, one in enumerate(shown)
        ]
    )
    components.section(_("Targets of {year}").format(year=year))
    table(standing, trends, as_of)
    if standing.later:
        components.note(_("Promised from later on: {indicators}.").format(indicators=listed(standing.later)))
    if standing.ended:
        components.note(
            _("Target period ended before {year}: {indicators}.").format(
                year=year, indicators=listed(standing.ended)
            )
        )
    components.download(
        view.results_table(standing.results, as_of, settings.low_coverage_pct),
        f"{area}_{year}",
        what=f"targets {area} {year}",
    )
    targets = [one.target for one in standing.results]
    used = [load for one in (*standing.results, *shown) for load in one.loads]
    components.sources(*trends.values(), cited=[t.cited_source for t in targets if t.cited_source], used=used)
    components.definition_block(*(view.definition_of(one) for one in shown))


def without_targets(head: DeltaGenerator, area: str, as_of: date) -> None:
    """An area without targets: what is known of the headline indicators, each with its newest figure."""
    found = cache.cached_call(headline_results, cache.settings(), as_of=as_of, area=area, year=as_of.year)
    shown = [one for one in found if one.actual.value is not None or one.earlier is not None]
    trends = {one.target.indicator: cache.ask(trend_question(view.definition_of(one), area)) for one in shown}
    with head:
        said = view.year_finding((), as_of.year, names.name("area", area))
        components.heading(_("Overview"), said, *trends.values())
    if shown:
        components.tiles(
            [tile(one, None, trends, as_of.year, as_of, at == 0) for at, one in enumerate(shown)]
        )
    components.empty(
        _("There is nothing to compare with"),
        _(
            "No targets are loaded for this area. Choose another area, or load the area's targets as a file of targets."
        ),
    )
    if shown:
        components.sources(*trends.values(), used=[load for one in shown for load in one.loads])
        components.definition_block(*(view.definition_of(one) for one in shown))


def _year_choice(years: tuple[int, ...], as_of: date) -> int:
    """The years that have targets; the newest that has begun is shown first."""
    begun = [year for year in years if year <= as_of.year] or [years[0]]
    chosen = filters.choice(YEAR, _("Year"), {str(year): str(year) for year in years}, str(begun[-1]))
    return int(chosen)


def trend_question(definition: Definition, area: str) -> Question:
    """What a small trend shows: quarters of what is computed from rows, else the published periods."""
    if not cache.cached_call(has_row_data, definition.id, area):
        return Question(definition.id, area=area, where=definition.headline_where())
    return series_question(definition, area, "quarter")


def series_question(definition: Definition, area: str, grain: str) -> Question:
    """The headline by quarter or year; no hidden quarter follows from a year that is told too."""
    by_quarter, by_year = (
        Question(definition.id, by=by, area=area, where=definition.headline_where())
        for by in ("quarter", "year")
    )
    together = (by_quarter, by_year, *view.target_questions(definition, area))
    return replace(by_quarter if grain == "quarter" else by_year, shown_with=together)


def finding(standing: YearStanding, shown: Sequence[TargetResult], area: str) -> str:
    """The page's finding: the counts of verdicts, then the first headline target that can be judged."""
    said = [view.year_finding(standing.results, standing.year, area)]
    first = next((one for one in shown if one.verdict in ("met", "not_met")), None)
    if first is not None:
        meant = view.definition_of(first)
        said.append(view.result_sentence(first, meant))
        said.append(view.low_coverage(first.actual, meant, cache.settings().low_coverage_pct))
        return " ".join(text for text in said if text)
    before = next((one for one in shown if one.earlier is not None and one.target.as_written), None)
    if before is not None:
        meant = view.definition_of(before)
        said.append(
            _("{name}, {earlier}. The target of {period} is {target}.").format(
                name=names.text(meant).short,
                earlier=view.earlier_words(before, meant),
                period=formats.period(before.target.period.label),
                target=view.in_words(before.target),
            )
        )
    return " ".join(said)


def tile(
    result: TargetResult,
    ahead: Ahead | None,
    trends: dict[str, Answer],
    year: int,
    as_of: date,
    first: bool,
) -> Tile:
    """One headline indicator: its value against the target, or the newest earlier one, hollow."""
    definition = view.definition_of(result)
    target, actual = result.target, result.actual
    details = []
    verdict = result.verdict if result.verdict in ("met", "not_met", "not_due") else None
    hollow = not actual.told and result.earlier is not None
    if hollow:
        number = view.known(result.earlier, definition)
        details.append(
            _("Earlier figure: {period}").format(
                period=view.with_basis(formats.period(result.earlier.period.label), result.earlier)
            )
        )
        details.append(_("No information: {period}").format(period=formats.period(target.period.label)))
        if result.earlier.missing:
            details.append(view.incomplete(result.earlier))
    else:
        number = view.value(result, definition)
        details.append(view.what_it_is(definition) if actual.value is not None else "")
        details.append(", ".join(text for text in (view.period(target, year), view.basis(actual)) if text))
    if target.as_written:
        promised = formats.period(target.period.label)
        details.append(_("Target {period}: {target}").format(period=promised, target=view.wording(target)))
    elif ahead is not None:
        promised = formats.period(ahead.target.period.label)
        details.append(
            _("Target {period}: {target}").format(period=promised, target=view.wording(ahead.target))
        )
        details.append(view.ahead_words(ahead, definition))
    else:
        details.append(_("No target of the programme"))
    distance = view.distance(result, definition)
    if distance:
        details.append(_("Distance to the target {distance}").format(distance=distance))
    details += [view.year_before(result, definition), view.demo_words(result, definition)]
    details.append(view.narrowed(definition.headline_where()))
    if not hollow:
        details.append(view.what_is_missing(result, definition, as_of, cache.settings().low_coverage_pct))
    trend = trends.get(target.indicator)
    values = trend_values(trend, year) if trend is not None else ()
    level = target.value if target.unit == definition.unit else None
    return Tile(
        names.text(definition).short,
        number,
        tuple(text for text in details if text),
        verdict,
        change_words(result, definition),
        values,
        trend_words(trend, definition, year) if trend is not None else "",
        level,
        first,
        hollow,
        components.address("targets", {"mittari": definition.id, filters.PARAMETERS["area"]: target.area}),
    )


def change_words(result: TargetResult, definition: Definition) -> str | None:
    """How a result moved: a year against the year before, a quarter against the four before it."""
    grain = grain_of(result.target.period.start, result.target.period.end)
    if grain not in ("year", "quarter") or result.actual.value is None:
        return None
    answer = cache.ask(series_question(definition, result.target.area, grain))
    told = list(answer.rows["period"])
    if result.target.period.label not in told:
        return None
    at = told.index(result.target.period.label)
    change = change_against(answer, at, 1 if grain == "year" else 4)
    if change is None:
        return None
    moved = formats.change(change.difference, definition)
    if grain == "year":
        return _("{change} from the year before").format(change=moved)
    if change.periods < 4:
        return _("{change} from the four quarters before, as far as they are complete ({count})").format(
            change=moved, count=change.periods
        )
    return _("{change} from the four quarters before").format(change=moved)


def trend_values(answer: Answer, year: int) -> tuple[float | None, ...]:
    """The values of a small trend until the end of a year; None where there is none."""
    rows = answer.rows.loc[[end.year <= year for end in answer.rows["period_end"]]]
    return tuple(None if formats.missing(value) else value for value in rows["value"])


def trend_words(answer: Answer, definition: Definition, year: int) -> str:
    """What a small trend shows: its first and its last value."""
    rows = answer.rows.loc[[end.year <= year for end in answer.rows["period_end"]]]
    rows = rows[rows["value"].notna()]
    if len(rows) < 2:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    return _("Trend: {first} {start}, {last} {end}").format(
        first=formats.period(first["period"]),
        start=formats.marked(first.to_dict(), definition),
        last=formats.period(last["period"]),
        end=formats.marked(last.to_dict(), definition),
    )


def table(standing: YearStanding, trends: dict[str, Answer], as_of: date) -> None:
    """Every target of the year, those not reached first, and what is promised for later."""
    low = cache.settings().low_coverage_pct
    labels = (_("Target"), _("Actual"), _("Verdict"), _("Distance"), _("Trend"), _("What is missing and why"))
    groups: list[tuple[str, list[list[markup.Field]]]] = []
    for verdict in view.GROUPS:
        by_reason: dict[str, list[TargetResult]] = {}
        for one in standing.results:
            if one.verdict == verdict:
                # What has nothing to judge is grouped by the reason, said once.
                reason = (
                    view.what_is_missing(one, view.definition_of(one), as_of, low)
                    if verdict in ("no_data", "no_target")
                    else ""
                )
                by_reason.setdefault(reason, []).append(one)
        for reason, members in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            title = target_board.group_title(verdict, len(members)) + markup.muted(reason)
            groups.append(
                (
                    title,
                    [
                        row(one, labels, trends, standing.year, as_of, reason)
                        for one in sorted(members, key=lambda one: one.earlier is None)
                    ],
                )
            )
    if standing.ahead:
        title = markup.mark("not_due", word=_("Promised for later: distance and the pace needed"))
        groups.append(
            (title, [ahead_row(one, labels, trends, standing.year, as_of) for one in standing.ahead])
        )
    caption = _("Targets of {year}, {area}").format(
        year=standing.year, area=names.name("area", standing.area)
    )
    st.html(markup.board_html((_("Indicator"), *labels), groups, caption))


def row(
    result: TargetResult,
    labels: tuple[str, ...],
    trends: dict[str, Answer],
    year: int,
    as_of: date,
    said_already: str,
) -> list[markup.Field]:
    """A row of the table."""
    definition = view.definition_of(result)
    missing = view.what_is_missing(result, definition, as_of, cache.settings().low_coverage_pct)
    fields = (
        target_board.target_html(result.target, year),
        target_board.actual_html(result, definition),
        markup.mark(result.verdict),
        target_board.distance_html(result, definition),
        small_trend(result, trends, definition, year),
        html.escape("" if missing == said_already else missing),
    )
    name = target_board.indicator_html(definition, result.target.area)
    cells = (markup.Field(text, label) for text, label in zip(fields, labels, strict=True))
    return [markup.Field(name), *cells, markup.Field(target_board.quote_html(result.target))]


def ahead_row(
    ahead: Ahead, labels: tuple[str, ...], trends: dict[str, Answer], year: int, as_of: date
) -> list[markup.Field]:
    """A row of something promised for later, with the year's actual."""
    definition = view.definition_of(ahead.result)
    fields = (
        target_board.target_html(ahead.target, year),
        target_board.actual_html(ahead.result, definition),
        markup.mark("not_due"),
        html.escape(view.ahead_words(ahead, definition)),
        small_trend(ahead.result, trends, definition, year),
        html.escape(view.what_is_missing(ahead.result, definition, as_of, cache.settings().low_coverage_pct)),
    )
    name = target_board.indicator_html(definition, ahead.target.area)
    cells = (markup.Field(text, label) for text, label in zip(fields, labels, strict=True))
    return [markup.Field(name), *cells, markup.Field(target_board.quote_html(ahead.target))]


def small_trend(result: TargetResult, trends: dict[str, Answer], definition: Definition, year: int) -> str:
    """The small line of a row, in HTML."""
    answer = trends.get(result.target.indicator)
    if answer is None:
        return ""
    level = result.target.value if result.target.unit == definition.unit else None
    line = charts.sparkline(trend_values(answer, year), level)
    words = html.escape(trend_words(answer, definition, year), quote=True)
    return f'<img src="{line}" alt="{words}">' if line else ""


def listed(targets: Iterable[Target]) -> str:
    """Targets by indicator and period, in words."""
    named = (
        f"{cache.definitions()[target.indicator].text[language()].short} ({formats.period(target.period.label)})"
        for target in targets
    )
    return "; ".join(named)


components.guarded(draw)
