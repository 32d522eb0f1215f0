"""The first screen of one indicator: finding, number with verdict and signal, the one trend, pace, and the first split."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import pandas as pd

from indicators.analysis.control_chart import SpcResult, spc
from indicators.catalogue.periods import grain_of, periods_between
from indicators.drawing.trend import DatedBreak
from indicators.engine.question import NO_DATA, SUPPRESSED, Answer, with_value
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Actual, Target
from indicators.wording import formats
from indicators.wording.translations import _
from pages.charts.levels import chart_words, levels_over_time
from pages.sheet import Action, action_list, finding, fold, note, number_block, sheet_grid
from pages.sheet.evidence import MOST_POINTS, TrendChart, signal_of, target_badge, trend_chart
from pages.text import indicator as words
from pages.text import names, signals
from pages.text import targets as target_words
from pages.ui import cache, components, pictures, sheet
from pages.ui.indicator_links import PERIOD, VIEW
from pages.ui.indicator_splits import split_table
from pages.ui.opened_indicator import OpenedIndicator

#: Rows of the first split on the first screen, and the address parameter of their order.
MOST_ROWS, ORDER = 6, "jarjestys"


def draw(shown: OpenedIndicator, split: str | None) -> Sequence[Answer]:
    """The first screen, with the table of a split where one is given; returns the answers behind it besides the series."""
    rows, opened = shown.series.rows, shown.view.opened
    if not with_value(rows).any() and not (rows["status"] == SUPPRESSED).any():
        components.finding(shown.finding())
        components.empty(
            _("There is nothing to draw yet"),
            _("Enter the figure or load an extract. The tabs tell of other areas and of the definition.")
            if shown.view.is_headline
            else _("Nothing fits the filters: clear them, or choose another area or indicator."),
        )
        return ()
    table, answers = "", ()
    if split is not None:
        table, answer = split_table(shown, split, ORDER, MOST_ROWS)
        answers = (answer,)
    number = "" if shown.actual is None else target_words.known(shown.actual, opened)
    sheet.show(
        finding(shown.finding(), [number] if number else [])
        + sheet_grid(_number(shown, number), _trend_html(shown), _pace(shown), table),
        "first",
    )
    components.how_to_read(
        _(
            "The number is of the newest complete period. It is judged only where that is the period of a target."
        ),
        _(
            "The shading is how much the series varies by itself; a filled point is more than chance explains."
        ),
        "" if shown.judged is None else signals.why_breaks(shown.judged),
    )
    pictures.of_screen(
        lambda: partial(
            _trend(shown).picture,
            *_changes(shown),
            title=f"{names.text(opened).name}, {formats.unit_word(opened)}",
        ),
        f"trend_{opened.id}",
        what=f"{opened.id} trend",
    )
    return answers


def _number(shown: OpenedIndicator, number: str) -> str:
    """The number of the period looked at, with verdict and signal."""
    actual, view = shown.actual, shown.view
    if actual is None:
        return ""
    low = cache.settings().low_coverage_pct
    facts = words.facts(
        actual, shown.change, shown.results, view.opened, low, shown.as_of, narrowed=not view.is_headline
    )
    badges = [_badge(shown, actual)]
    months = shown.deciding
    if months is not None and months.last is not None:
        of = formats.capital(formats.period(months.last.label))
        badges.append(signal_of(months, months.last.label, signals.missing(months), told=True, of=of))
    elif shown.judged is not None:
        badges.append(
            signal_of(shown.judged, actual.period.label, signals.missing(shown.judged), told=actual.has_value)
        )
    return number_block(formats.capital(formats.period(actual.period.label)), number, badges, facts)


def _badge(shown: OpenedIndicator, actual: Actual) -> str:
    """The verdict of the target's own period, else the distance; empty of a narrowed figure, which has no target."""
    if shown.at is None or not shown.view.is_headline:
        return ""
    own = _own_result(shown.results, actual)
    target = (
        own.target if own is not None else words.relevant_target(shown.results, actual.period, shown.as_of)
    )
    row = shown.series.answer.rows.iloc[shown.at].to_dict()
    return target_badge(row, target, shown.view.opened, own, shown.as_of)


def _own_result(results: Sequence[TargetResult], actual: Actual) -> TargetResult | None:
    """The target whose period is the one looked at."""
    own = [one for one in results if one.target.period == actual.period and one.verdict != "no_target"]
    return own[-1] if own else None


def _letters(shown: OpenedIndicator) -> dict[str, tuple[date, str]]:
    """What changed within the days drawn, by letter: its day and its words."""
    rows = _drawn(shown)
    first, last = rows["period_start"].iloc[-MOST_POINTS:].min(), rows["period_end"].max()
    within = [(day, said) for day, said in shown.numbered if first < day < last]
    return {chr(ord("A") + at): numbered for at, numbered in enumerate(within)}


def _changes(shown: OpenedIndicator) -> list[str]:
    """What the letters of the trend stand for."""
    return [f"{letter} = {formats.day(day)}: {what}" for letter, (day, what) in _letters(shown).items()]


def _trend(shown: OpenedIndicator) -> TrendChart:
    """The one trend: values, target steps, limits of ordinary variation, and what changed, by letters."""
    opened, rows = shown.view.opened, _drawn(shown)
    return trend_chart(
        words.trend_heading(shown.view.grain, opened),
        rows,
        opened,
        shown.judged or _not_judged(opened.better),
        targets=levels_over_time(shown.steps, shown.series.rows, shown.as_of, with_reference=opened.judged),
        breaks=[DatedBreak(day, letter) for letter, (day, _said) in _letters(shown).items()],
        label=None if shown.actual is None else shown.actual.period.label,
        link=lambda label: components.link_here({PERIOD: label}),
        alt=chart_words(opened, rows, shown.steps),
    )


def _trend_html(shown: OpenedIndicator) -> str:
    """The trend on the first screen, with what its letters stand for one tap away."""
    chart, letters = _trend(shown).html(), _letters(shown)
    if not letters:
        return chart
    said = "".join(map(note, _changes(shown)))
    return chart + fold(_("{letters}: what changed").format(letters=", ".join(letters)), said)


def _drawn(shown: OpenedIndicator) -> pd.DataFrame:
    """The rows of the trend: published figures go on, empty, to the end of the last target, so that it is seen too."""
    rows = shown.series.rows
    until = max((step.end for step in shown.steps), default=date.min)
    if shown.view.by_rows or rows.empty or until <= rows["period_end"].max():
        return rows
    newest = rows.iloc[-1]
    grain = grain_of(newest["period_start"], newest["period_end"]) or "year"
    later = periods_between(newest["period_end"] + timedelta(days=1), until, grain)
    empty = pd.DataFrame(
        {
            "period": [one.label for one in later],
            "period_start": [one.start for one in later],
            "period_end": [one.end for one in later],
            "status": NO_DATA,
        }
    )
    return pd.concat([rows, empty], ignore_index=True)


def _not_judged(better: str) -> SpcResult:
    return spc([], [], better=better, labels=[])


def _pace(shown: OpenedIndicator) -> str:
    """Pace and projection to the target ahead; in one sentence why there is none."""
    view = shown.view
    if not shown.results or not view.is_headline:
        return ""
    ahead = next((one for one in shown.results if one.target == shown.target), None)
    items = [] if ahead is None else shown.outlook.items(ahead, view.opened)
    href = components.link_here({VIEW: "vaihtelu"})
    actions = [Action(item.figure, "growth", item.what, item.where, href) for item in items]
    remark = "" if actions else _no_pace(shown, shown.target)
    return action_list(_("Pace and projection"), actions, remark)


def _no_pace(shown: OpenedIndicator, target: Target | None) -> str:
    if target is None:
        return _("The targets have no level to compare with.")
    if target.period.end <= shown.as_of:
        return _("The target period ended on {day}.").format(day=formats.day(target.period.end))
    return _("There is no complete actual to start from.")
