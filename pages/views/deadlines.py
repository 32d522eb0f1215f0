"""What the page of deadlines asks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period
from indicators.engine.question import NO_DATA, Answer, Question
from pages.text.sentences import finding_row
from pages.views.selection import Selection
from pages.views.view import PageView

SOCIAL, OVERDUE = definition("social_welfare_deadlines"), definition("social_welfare_overdue")
NOTIFICATIONS = (definition("child_welfare_7_weekdays"), definition("child_welfare_notification_days"))
CHILDREN = (definition("child_family_needs_assessment_90d"), definition("child_family_needs_assessment_3m"))
MENTAL = (definition("mental_health_first_contact_7d"), definition("mental_health_guarantee"))
SUBSTANCE = (definition("substance_services_first_contact_7d"), definition("substance_services_access"))
#: Who was not contacted in time in a period, and who still waits on its last day.
NOT_CONTACTED = (
    definition("mental_health_not_contacted_in_week"),
    definition("mental_health_still_without_contact"),
)
REFERRALS = definition("referral_handling")
SHOWN = (SOCIAL, OVERDUE, *NOTIFICATIONS, *CHILDREN, *MENTAL, *NOT_CONTACTED, *SUBSTANCE, REFERRALS)


@dataclass(frozen=True)
class DeadlinesView(PageView):
    """Indicators over time; by service and unit in the finding's `period`, referrals by unit in their `referral_period`."""

    chosen: Selection
    period: Period | None = None
    referral_period: Period | None = None

    @classmethod
    def of(cls, chosen: Selection) -> DeadlinesView:
        """The view of a selection."""
        view = cls(chosen)
        return replace(
            view,
            period=_newest_period(view.ask(chosen.question(SOCIAL))),
            referral_period=_newest_period(view.ask(chosen.question(REFERRALS))),
        )

    def by(self, split: str, of: Definition) -> Question:
        """An indicator by a split, in its period of the page."""
        period = self.referral_period if of is REFERRALS else self.period
        return self.chosen.question_of(of, () if period is None else (period,), (split,))


def nothing_counted(answer: Answer) -> bool:
    """Whether nothing was counted from rows; published figures have pages of their own."""
    known = answer.rows[answer.rows["status"] != NO_DATA]
    return known.empty or bool(known["cited_source"].notna().all())


def _newest_period(answer: Answer) -> Period | None:
    at = finding_row(answer.rows)
    return None if at is None else Period(*answer.rows[["period_start", "period_end", "period"]].iloc[at])
