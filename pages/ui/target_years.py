"""The targets of an area by year: every target as it was written, the actual, the verdict, and where it is going."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.programme.targets import TargetResult
from indicators.wording.translations import _
from pages.text import signals
from pages.text import targets as words
from pages.ui import cache, components, markup, target_board
from pages.ui.target_outlook import Outlook


def stretch(years: Sequence[int]) -> str:
    """The years from the first to the last; one by itself, none as nothing.

    >>> stretch([2022, 2023, 2024]), stretch([2022]), stretch([])
    ('2022–2024', '2022', '')
    """
    return "–".join(map(str, dict.fromkeys([*years[:1], *years[-1:]])))


def years_table(results: Sequence[TargetResult], years: Sequence[int], outlook: Outlook) -> None:
    """The table of the years, and its download."""
    st.html(years_html(results, years, outlook))
    area = outlook.view.area
    components.download(
        words.results_table(results, outlook.as_of, cache.settings().low_coverage_pct),
        area,
        what=f"targets {area}",
    )


def years_html(results: Sequence[TargetResult], years: Sequence[int], outlook: Outlook) -> str:
    """One row per indicator with targets, a column for each year; a longer period is in its last year."""
    by_indicator: dict[str, list[TargetResult]] = {}
    for one in results:
        by_indicator.setdefault(one.target.indicator, []).append(one)
    rows = [_row(mine, years, outlook) for mine in sorted(by_indicator.values(), key=_knowledge)]
    caption = _("Targets and actuals {years}").format(years=stretch(years))
    return markup.board_html((_("Indicator"), *map(str, years)), [("", rows)], caption, kind="tv-years")


def _row(mine: Sequence[TargetResult], years: Sequence[int], outlook: Outlook) -> list[markup.Field]:
    """The row of an indicator: its name with what is known, and a cell for each year."""
    meant = words.definition_of(mine[0])
    name = target_board.indicator_html(meant, mine[0].target.area)
    earlier = max(
        (one for one in mine if one.earlier is not None),
        key=lambda one: one.earlier.period.end if one.earlier else date.min,
        default=None,
    )
    if earlier is not None and not any(one.actual.has_value for one in mine):
        said = html.escape(words.earlier_words(earlier, meant))
        name += f'<span class="tv-muted"><span class="tv-earlier">{said}</span></span>'
    direction = signals.trend_mark(outlook.judged(meant))
    if direction:
        name += markup.muted(_("Direction: {mark}").format(mark=direction))
    cells = []
    for year in years:
        here = [one for one in mine if one.target.period.end.year == year]
        cell = "".join(_year_cell(one, meant, year) + outlook.ahead_html(one, meant) for one in here)
        cells.append(markup.Field(cell, str(year)))
    quotes = dict.fromkeys(target_board.quote_html(one.target) for one in mine)
    return [markup.Field(name), *cells, markup.Field("".join(quotes))]


def _knowledge(mine: Sequence[TargetResult]) -> int:
    """Sorts what has an actual of the period first, then of an earlier one."""
    if any(one.actual.has_value for one in mine):
        return 0
    return 1 if any(one.earlier is not None for one in mine) else 2


def _year_cell(result: TargetResult, meant: Definition, year: int) -> str:
    """A target in its year: as written, the actual and the verdict."""
    actual = target_board.actual_html(result, meant) if result.actual.has_value else ""
    lines = [target_board.target_html(result.target, year), actual, markup.mark(result.verdict)]
    return "".join(f"<div>{line}</div>" for line in lines if line)
