"""Where the series of targets are going: marks, pace and projection of an area's targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.analysis.control_chart import SpcResult
from indicators.analysis.projection import Pace, Projection, pace_grain, project
from indicators.catalogue.definition import Definition
from indicators.engine.question import OK, Answer
from indicators.programme.targets import TargetResult, actual_of
from indicators.programme.verdicts import Actual, Target
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import projections, signals
from pages.ui import markup
from pages.views.targets import MARK_GRAIN, TargetsView


@dataclass(frozen=True)
class Outlook:
    """The series of an area's indicators on a day."""

    view: TargetsView
    as_of: date

    def _series(self, meant: Definition, grain: str = MARK_GRAIN) -> Answer | None:
        """The headline by periods; None of what is not counted from rows."""
        question = self.view.headline(meant, grain)
        return None if question is None else self.view.ask(question)

    def judged(self, meant: Definition) -> SpcResult | None:
        """The XmR chart of an indicator's headline; None of what is not counted from rows."""
        answer = self._series(meant)
        if answer is None:
            return None
        return signals.series(answer, None, signals.breaks_of(meant.id, self.view.area))

    def projected(self, meant: Definition, target: Target) -> Projection | None:
        """The projection of an indicator to the end of a target's period; None of what is not counted from rows."""
        answer = self._series(meant)
        if answer is None:
            return None
        breaks = signals.breaks_of(meant.id, target.area)
        return project(answer, target.period.end, breaks)

    def _newest_actual(self, result: TargetResult, meant: Definition) -> Actual | None:
        """The newest complete quarter of what is counted from rows, else the actual of the target or an earlier one."""
        answer = self._series(meant, "quarter")
        known = (
            [] if answer is None else [at for at, status in enumerate(answer.rows["status"]) if status == OK]
        )
        if answer is not None and known:
            return actual_of(answer, known[-1])
        return result.actual if result.actual.has_value else result.earlier

    def _pace(self, result: TargetResult, meant: Definition) -> tuple[str, Pace | None]:
        """What each quarter or year must bring from the newest actual on, in words and as a pace; empty without one."""
        newest, target = self._newest_actual(result, meant), result.target
        found = projections.pace_to_target(target, newest, meant, self.as_of)
        if found is None or newest is None:
            return "", None
        grain = pace_grain(newest.period, target.period)
        said = projections.pace_words(found, target, meant, self.as_of, grain)
        if result.actual.has_value and newest.period != result.actual.period and found.distance:
            said = projections.from_start(said, newest, meant)
        return said, found

    def items(self, result: TargetResult, meant: Definition) -> list[projections.PaceItem]:
        """Pace and projection of a target whose period is not over, as lines; none where it has no pace."""
        target = result.target
        if target.period.end <= self.as_of:
            return []
        newest = self._newest_actual(result, meant)
        found = projections.pace_to_target(target, newest, meant, self.as_of)
        if found is None or newest is None:
            return []
        projected = self.projected(meant, target)
        grain = pace_grain(newest.period, target.period)
        return projections.pace_items(newest, target, found, projected, meant, grain)

    def ahead_html(self, result: TargetResult, meant: Definition) -> str:
        """Of a target whose period is not over: the pace it needs and the projection, or why there is none."""
        target = result.target
        if target.period.end <= self.as_of or target.value is None:
            return ""
        projected = self.projected(meant, target)
        said = [
            self._pace(result, meant)[0],
            projections.projection_words(projected, target, meant) if projected else "",
        ]
        return "".join(markup.muted(text) for text in said)

    def pace_and_projection(self, result: TargetResult, meant: Definition) -> str:
        """The pace a target needs and the projection to it, or why there is none, in words."""
        target = result.target
        if target.value is None:
            return ""
        pace, found = self._pace(result, meant)
        said = [pace or projections.pace_words(found, target, meant, self.as_of)]
        if target.period.end > self.as_of:
            if said[0] and found is not None and found.distance:
                said[0] += "."
            projected = self.projected(meant, target)
            said.append(
                projections.projection_words(projected, target, meant)
                if projected
                else _("No projection: only single figures are known, no series.")
            )
        return formats.one_after_another(said)
