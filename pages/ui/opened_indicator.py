"""One indicator with all that its page says of it: its series, the period looked at, its targets and its judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import streamlit as st

from indicators.analysis.change import Change, change_against
from indicators.analysis.control_chart import GRAINS as SPC_GRAINS
from indicators.analysis.control_chart import SpcResult
from indicators.engine.question import NO_DATA, Answer, with_value
from indicators.programme.annotations import annotations_for
from indicators.programme.targets import TargetResult, actual_of
from indicators.programme.verdicts import Actual, Target
from indicators.wording.translations import _, language
from pages import charts
from pages.charts.levels import targets_in_periods
from pages.text import indicator as words
from pages.text import signals
from pages.text.sentences import finding_row
from pages.ui import address, cache, filters
from pages.ui.indicator_links import PERIOD
from pages.ui.indicator_series import Series
from pages.ui.target_outlook import Outlook
from pages.views.indicator import IndicatorView
from pages.views.indicator_parts import EARLIER
from pages.views.targets import MARK_GRAIN, TargetsView

BASELINE = "perusta"
#: Limits from all values, or from the first so many of each stretch.
ALL_VALUES, BASELINES = "kaikki", (12, 24, 52)


@dataclass(frozen=True)
class OpenedIndicator:
    """The indicator of a view on a day. What is not asked for is not computed."""

    view: IndicatorView
    as_of: date

    @cached_property
    def series(self) -> Series:
        """Its values over time."""
        return Series.of(self.view)

    @cached_property
    def at(self) -> int | None:
        """The place of the period looked at: the one that the address names, else the newest complete one; None without any."""
        rows = self.series.answer.rows
        labels = list(rows["period"])
        asked = st.query_params.get(PERIOD)
        at = labels.index(asked) if asked in labels else finding_row(rows)
        if at is not None and rows["status"].iloc[at] == NO_DATA:
            known = [place for place, has_values in enumerate(with_value(rows)) if has_values]
            return known[-1] if known else None
        return at

    @cached_property
    def actual(self) -> Actual | None:
        """The value of the period looked at."""
        return None if self.at is None else actual_of(self.series.answer, self.at)

    @cached_property
    def change(self) -> Change | None:
        """That value against the periods before it."""
        answer = self.series.answer
        if self.at is None or answer.grain is None:
            return None
        return change_against(answer, self.at, 1 if answer.grain == "year" else EARLIER)

    @cached_property
    def results(self) -> Sequence[TargetResult]:
        """The targets of the indicator with their verdicts."""
        return self.view.results(cache.settings(), self.as_of)

    @property
    def judged_results(self) -> Sequence[TargetResult]:
        """The targets that what is shown can be held against: none where it is narrowed."""
        return self.results if self.view.is_headline else ()

    @cached_property
    def target(self) -> Target | None:
        """The target whose period has not ended yet, else the last one, in the indicator's own unit."""
        unit = self.view.opened.unit
        found = [
            one.target for one in self.results if one.target.value is not None and one.target.unit == unit
        ]
        coming = [target for target in found if target.period.end > self.as_of]
        return (coming[0] if coming else found[-1]) if found else None

    @cached_property
    def steps(self) -> list[charts.Step]:
        """Its targets as levels over their periods."""
        return targets_in_periods((one.target for one in self.results), self.view.opened)

    @cached_property
    def outlook(self) -> Outlook:
        """Where its headline is going."""
        return Outlook(TargetsView(self.view.area), self.as_of)

    @cached_property
    def breaks(self) -> tuple[signals.Break, ...]:
        """The days on which its series starts anew."""
        return signals.breaks_of(self.view.opened.id, self.view.area, self.view.chosen.one_unit)

    @property
    def baseline(self) -> int | None:
        """How many first values the limits rest on; None for all."""
        chosen = address.selected(BASELINE, [str(count) for count in BASELINES], ALL_VALUES)
        return None if chosen == ALL_VALUES else int(chosen)

    def choose_baseline(self) -> None:
        """The choice of what the limits rest on."""
        text = {ALL_VALUES: _("all values")}
        text |= {str(count): _("the first {count}").format(count=count) for count in BASELINES}
        filters.choice(BASELINE, _("Limits from"), text, ALL_VALUES)

    def judge(self, answer: Answer) -> SpcResult:
        """An answer of its series judged."""
        level = None if self.target is None else self.target.value
        return signals.series(answer, level, self.breaks, baseline=self.baseline)

    @cached_property
    def judged(self) -> SpcResult | None:
        """Its series judged; None of years and single figures."""
        answer = self.series.answer
        return self.judge(answer) if answer.grain in SPC_GRAINS else None

    @cached_property
    def deciding(self) -> SpcResult | None:
        """Its months judged, which decide whether it changed; None where months are shown, or nothing is known of them."""
        if not self.view.by_rows or self.series.answer.grain == MARK_GRAIN:
            return None
        months = self.judge(self.view.from_first(MARK_GRAIN))
        return months if signals.leading_grain_words(months) else None

    def _signal(self) -> str:
        """What the finding says of the change: what decides it."""
        if self.deciding is not None:
            return signals.leading_grain_words(self.deciding)
        if self.judged is None or self.actual is None:
            return ""
        return signals.in_a_sentence(self.judged, self.actual.period.label)

    @cached_property
    def numbered(self) -> list[tuple[date, str]]:
        """The days within its series on which the rules changed or the series has a seam, each with what changed."""
        noted = self.view.read(
            annotations_for, self.view.opened.id, self.view.area, self.view.chosen.one_unit
        )
        span = charts.span_of(self.series.rows, self.steps, [])
        events = [event for event in noted if span and span[0] < event.date < span[1]]
        seams = self.series.seams
        found = []
        for day in sorted({event.date for event in events} | {seam.date for seam in seams}):
            said = dict.fromkeys(event.text(language()) for event in events if event.date == day)
            said |= dict.fromkeys(seam.reason for seam in seams if seam.date == day)
            found.append((day, " ".join(said)))
        return found

    def finding(self) -> str:
        """The finding in a sentence or two."""
        return words.finding(
            self.actual,
            self.series.rows,
            self.view.opened,
            self._signal(),
            self.judged_results,
            self.as_of,
            self.view.too_short,
        )
