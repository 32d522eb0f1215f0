"""What the page of the care guarantee asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period, same_weeks_a_year_before, whole_weeks
from indicators.engine.question import Question
from indicators.programme.targets import read_targets
from indicators.programme.verdicts import Target
from pages.text.sentences import finding_row
from pages.views.selection import Selection
from pages.views.view import PageView

SEVEN_DAYS, WITHIN_LIMIT = definition("seven_day_access"), definition("access_within_limit")
WAITS = definition("wait_median")
#: Weeks that units are compared over.
COMPARED_WEEKS = 13
#: In the address: what a change is compared with.
BEFORE, YEAR_AGO = "edelliset", "vuosi"
MIX_SPLITS = ("profession", "mode", "service", "unit")


@dataclass(frozen=True)
class CareGuaranteeView(PageView):
    """The share within seven days with its waits and dates, and the share within the limit of the law.

    `recent` are the last 13 weeks, `before` what they are compared with; None without data. `finding` is its period.
    """

    chosen: Selection
    compared_by: str
    target: Target | None
    recent: Period | None
    before: Period | None
    finding: Period | None = None

    @classmethod
    def of(cls, chosen: Selection, against: str, compared_by: str) -> CareGuaranteeView:
        """The view of a selection; `against` is what a change is compared with."""
        found = [one for one in cls.read(read_targets, chosen.area) if one.indicator == SEVEN_DAYS.id]
        target = found[-1] if found and found[-1].value is not None else None
        view = cls(chosen, compared_by, target, None, None)
        if chosen.last is None:
            return view
        # Every block ends with the period of the finding.
        periods = view.ask(view.series).rows
        at = finding_row(periods)
        last = chosen.last if at is None else min(chosen.last, periods["period_end"].iloc[at])
        recent = whole_weeks(last, COMPARED_WEEKS)
        before = (
            same_weeks_a_year_before(recent)
            if against == YEAR_AGO
            else whole_weeks(recent.start - timedelta(days=1), COMPARED_WEEKS)
        )
        return replace(view, recent=recent, before=before)

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
    def each(self) -> Question:
        """The trend of each unit or service; by month rather than week, as most weeks of one unit would be suppressed."""
        split, grain = self.compared_by, self.chosen.grain
        by = "month" if grain == "week" else grain
        return self.chosen.question(SEVEN_DAYS, by=by, splits=(split,)).narrowed(split)
