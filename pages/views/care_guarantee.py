"""What the page of the care guarantee asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from indicators.analysis.actions import Work
from indicators.analysis.queue_outlook import QueueOutlook, outlook
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period, period_of, same_weeks_a_year_before, whole_weeks
from indicators.engine.choices import last_day
from indicators.engine.question import NO_DATA, OK, SUPPRESSED, Question
from indicators.programme.targets import read_targets
from indicators.programme.verdicts import Target
from pages.text.care_guarantee import TooShort
from pages.text.sentences import finding_row
from pages.ui import cache
from pages.views.actions import ActionsView
from pages.views.selection import Selection
from pages.views.view import PageView

SEVEN_DAYS, WITHIN_LIMIT = definition("seven_day_access"), definition("access_within_limit")
WAITS, LENGTH = definition("wait_median"), definition("queue_length")
#: The grains of the page, the shortest first.
GRAINS = ("week", "month", "quarter")
#: Weeks that units are compared over.
COMPARED_WEEKS = 13
#: In the address: what a change is compared with.
BEFORE, YEAR_AGO = "edelliset", "vuosi"
MIX_SPLITS = ("profession", "mode", "service", "unit")


@dataclass(frozen=True)
class CareGuaranteeView(PageView):
    """The share within seven days with its waits and dates, its targets, and the share within the limit of the law.

    `recent` are the last 13 weeks, `before` what they are compared with; None without data. `finding` is the period that
    is judged and `at` its place among the periods. `too_short` is the grain asked for where so few visits fall in its newest
    period that longer ones are shown.
    """

    chosen: Selection
    compared_by: str
    targets: tuple[Target, ...] = ()
    recent: Period | None = None
    before: Period | None = None
    finding: Period | None = None
    at: int | None = None
    too_short: TooShort | None = None

    @classmethod
    def of(
        cls, chosen: Selection, against: str, compared_by: str, *, asked: str | None = None
    ) -> CareGuaranteeView:
        """The view of a selection; `against` is what a change is compared with, `asked` the label of the period to judge."""
        found = [one for one in cls.read(read_targets, chosen.area) if one.indicator == SEVEN_DAYS.id]
        view = cls._of_shortest_that_can_be_told(cls(chosen, compared_by, tuple(found)))
        if chosen.last is None:
            return view
        # Every block ends with the period of the finding.
        periods = view.ask(view.series).rows
        labels = list(periods["period"])
        at = labels.index(asked) if asked in labels else finding_row(periods)
        if at is None or periods["status"].iloc[at] == NO_DATA:
            return view
        row = periods.iloc[at]
        recent = whole_weeks(min(chosen.last, row["period_end"]), COMPARED_WEEKS)
        before = (
            same_weeks_a_year_before(recent)
            if against == YEAR_AGO
            else whole_weeks(recent.start - timedelta(days=1), COMPARED_WEEKS)
        )
        finding = Period(row["period_start"], row["period_end"], row["period"])
        return replace(view, recent=recent, before=before, finding=finding, at=at)

    @classmethod
    def _of_shortest_that_can_be_told(cls, view: CareGuaranteeView) -> CareGuaranteeView:
        """The view in the grain selected, or in the next longer one whose newest period has enough visits.

        Where none has, the longest whose value is shown.
        """
        asked, least = view.chosen.grain, cache.settings().share_min_n
        shown, too_short = view, None
        for grain in GRAINS[GRAINS.index(asked) :] if asked in GRAINS else (asked,):
            tried = replace(view, chosen=replace(view.chosen, grain=grain), too_short=too_short)
            rows = cls.ask(tried.series).rows
            at = finding_row(rows)
            if at is None or rows["status"].iloc[at] not in (OK, SUPPRESSED):
                # Nothing complete is known of a longer period: what is known of a shorter one is told.
                return tried if shown is view else shown
            told, visits = rows["status"].iloc[at] == OK, rows["denominator"].iloc[at]
            if told and visits >= least:
                return tried
            shown = tried if told else shown
            too_short = too_short or TooShort(grain, None if pd.isna(visits) else float(visits))
        return shown

    @property
    def series(self) -> Question:
        """The share by the periods selected."""
        return self.chosen.question(SEVEN_DAYS)

    @property
    def whole(self) -> Question:
        """The share by all the periods there are."""
        return self.chosen.question(SEVEN_DAYS, whole=True)

    @property
    def within_limit(self) -> Question:
        """The share within the limit of the law in the period of the finding."""
        periods = () if self.finding is None else (self.finding,)
        return replace(self.chosen.question(WITHIN_LIMIT), by=None, periods=periods)

    def recently(self, *splits: str, of: Definition = SEVEN_DAYS) -> Question:
        """An indicator over the last 13 weeks."""
        return self.chosen.question_of(of, () if self.recent is None else (self.recent,), splits)

    @property
    def judges_target(self) -> bool:
        """Whether what is shown is what the target is of: the whole area in its scope."""
        return self.chosen.where == SEVEN_DAYS.headline_where()

    @property
    def compared(self) -> Question:
        """The last 13 weeks of each unit or service, whether selected or not."""
        return self.recently(self.compared_by).narrowed(self.compared_by)

    @property
    def compared_before(self) -> Question:
        """The same for the weeks that the last 13 are compared with."""
        periods = () if self.before is None else (self.before,)
        question = self.chosen.question_of(SEVEN_DAYS, periods, (self.compared_by,))
        return question.narrowed(self.compared_by)

    def values_by_code(self, question: Question) -> Mapping[str, float]:
        """The known values of an answer of one complete period, by the code it is split by."""
        rows = self.ask(question).rows
        known = rows[rows["value"].notna() & (rows["status"] == OK)]
        return dict(zip(known[self.compared_by], known["value"], strict=True))

    def trends(self) -> Mapping[str, tuple[float | None, ...]]:
        """The values of each unit or service over time, for a small line."""
        rows = self.ask(self.each).rows
        labels = list(dict.fromkeys(rows["period"]))
        found: dict[str, dict[str, float]] = {}
        for code, label, value in zip(rows[self.compared_by], rows["period"], rows["value"], strict=True):
            found.setdefault(code, {})[label] = value
        return {code: tuple(values.get(label) for label in labels) for code, values in found.items()}

    def work(self) -> Work:
        """What is to be done in the area, or in the units and services selected."""
        return ActionsView.work(self.chosen.area, self.chosen.where)

    def queues(self) -> Mapping[str, QueueOutlook]:
        """The entries beyond the limit of the law, and those about to pass it, of each unit or service; none without queues."""
        day = self.read(last_day, "queue", self.chosen.area)
        if day is None:
            return {}
        kept = tuple(
            part for part in self.chosen.where if part[0] in LENGTH.dimensions and part[0] != self.compared_by
        )
        base = Question(LENGTH.id, area=self.chosen.area, where=kept)
        found = outlook(self.ask, base, period_of(day, "week"), by=(self.compared_by,))
        return {str(key[0]): one for key, one in found.items()}

    @property
    def target(self) -> Target | None:
        """The newest target; None without one that has a level."""
        return self.targets[-1] if self.targets and self.targets[-1].value is not None else None

    @property
    def level(self) -> float | None:
        """The target's level."""
        return None if self.target is None else self.target.value

    @property
    def each(self) -> Question:
        """The trend of each unit or service; by month rather than week, as most weeks of one unit would be suppressed."""
        split, grain = self.compared_by, self.chosen.grain
        by = "month" if grain == "week" else grain
        return self.chosen.question(SEVEN_DAYS, by=by, splits=(split,)).narrowed(split)
