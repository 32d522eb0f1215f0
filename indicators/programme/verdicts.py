"""A target, an actual, and the verdict that the one gives on the other."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import date

from indicators.catalogue.periods import Period, days_of_months
from indicators.engine.question import INCOMPLETE, NO_DATA, SUPPRESSED, Missing, has_range

MET, NOT_MET, NOT_DUE, NO_TARGET = "met", "not_met", "not_due", "no_target"
VERDICTS = (MET, NOT_MET, NOT_DUE, NO_DATA, NO_TARGET, SUPPRESSED)
#: Decimals tried before giving up showing why a verdict is what it is: a floating-point number has no more.
MOST_DECIMALS = 12
_COMPARATORS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "=": operator.eq}
#: Comparators of a direction, and how a value that goes that way compares with the one before.
DIRECTIONS = {"increases": ">", "decreases": "<"}


@dataclass(frozen=True)
class Target:
    """One promise: a level or a direction for a period, as it was written.

    `value` is None where no level was given; of a direction it never is one.
    """

    indicator: str
    area: str
    period: Period
    comparator: str | None
    value: float | None
    unit: str
    as_written: str
    cited_source: str | None

    @property
    def is_direction(self) -> bool:
        """Whether it promises a change from the year before instead of a level."""
        return self.comparator in DIRECTIONS

    def level_in(self, unit: str) -> float | None:
        """Its level on an axis in a unit, where a limit in whole months is its most days; None where it has none."""
        if self.value is None or self.comparator is None:
            return None
        if self.unit == "months" and unit == "days" and not self.value % 1:
            return float(max(days_of_months(int(self.value))))
        return self.value if self.unit == unit else None

    @property
    def can_be_judged(self) -> bool:
        """Whether it says what an actual is compared with."""
        return self.comparator is not None and (self.is_direction or self.value is not None)


@dataclass(frozen=True)
class Actual:
    """What is known for a period: a value in the definition's unit with what it rests on.

    `low` and `high` are what may be said of a suppressed value, or the range where no more is known of the value;
    `possible_low` and `possible_high` where the share would lie if the missing dates were known.
    """

    period: Period
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None
    status: str = NO_DATA
    low: float | None = None
    high: float | None = None
    possible_low: float | None = None
    possible_high: float | None = None
    as_of: date | None = None
    note: str | None = None
    cited_source: str | None = None
    missing: tuple[Missing, ...] = ()
    missing_units: tuple[str, ...] = ()

    @property
    def ranged(self) -> bool:
        """Whether only a range is known of the value, not because it is suppressed."""
        return has_range(vars(self))

    @property
    def has_value(self) -> bool:
        """Whether a value or its range is known and shown."""
        return self.value is not None or self.ranged


def possible_ends(actual: Actual, low_coverage_pct: float) -> tuple[float, float] | None:
    """Where a share would lie if the missing records were known; None where coverage is not low, or the range not known.

    `low_coverage_pct` is the setting below which coverage, in per cent, is low: the possible range is then what is known.
    """
    if actual.value is None or actual.coverage is None or actual.coverage >= low_coverage_pct:
        return None
    if actual.possible_low is None or actual.possible_high is None:
        return None
    return actual.possible_low, actual.possible_high


def too_little_recorded(
    target: Target, actual: Actual, before: Actual | None, low_coverage_pct: float
) -> bool:
    """Whether records are missing that decide a target: the possible range gives both verdicts.

    Of a direction the possible ranges of the period and of the year `before` are compared.
    """
    now = possible_ends(actual, low_coverage_pct)
    if before is None or not target.is_direction:
        if now is None or target.value is None or target.comparator is None or target.unit != "percent":
            return False
        return len(verdicts_possible(target.comparator, *now, target.value)) > 1
    then = possible_ends(before, low_coverage_pct)
    mine, its = now or ends_of(actual), then or ends_of(before)
    if (now is None and then is None) or mine is None or its is None:
        return False
    comparator = DIRECTIONS[target.comparator or ""]
    return len({comparator_holds(comparator, one, other) for one in mine for other in its}) > 1


def direction_verdict(
    target: Target, actual: Actual, before: Actual, as_of: date, *, across_seam: bool = False
) -> str:
    """The verdict of a direction: met where the value moved that way from the year before; an equal one did not.

    A period that has not ended, or that or whose year before the data does not fully cover, is not due. Nothing is said
    where either has no value, or the one was published and the other counted from rows: they are not like for like. Ranges
    are judged only where all of both give one verdict.
    """
    if target.period.end > as_of:
        return SUPPRESSED if actual.status == SUPPRESSED else NOT_DUE
    now, then = ends_of(actual), ends_of(before)
    if now is None or then is None:
        return SUPPRESSED if SUPPRESSED in (actual.status, before.status) else NO_DATA
    if INCOMPLETE in (actual.status, before.status):
        return NOT_DUE
    if across_seam:
        return NO_DATA
    comparator = DIRECTIONS[target.comparator or ""]
    sides = {comparator_holds(comparator, mine, its) for mine in now for its in then}
    if len(sides) > 1:
        return SUPPRESSED if SUPPRESSED in (actual.status, before.status) else NO_DATA
    return MET if sides.pop() else NOT_MET


def ends_of(actual: Actual) -> tuple[float, float] | None:
    """The lowest and the highest that a value can be; None where nothing is known of it, or units are missing from it."""
    if actual.value is not None:
        return actual.value, actual.value
    if actual.low is None or actual.high is None or (actual.status == SUPPRESSED and actual.note):
        return None
    return actual.low, actual.high


def verdict_of(target: Target, actual: Actual, as_of: date, margin: float | None = None) -> str:
    """met, not_met, not_due, no_data, no_target or suppressed, from unrounded values.

    A period that has not ended, or that the data does not fully cover, is not due. A value of which only a range is known is
    judged where all of it is on one side, else it is not due, or suppressed where the range is that of a suppressed value.
    `margin` replaces the comparison for a limit in calendar months: the percentile of days beyond it. Where single waits
    are not known, days are compared with the shortest and the longest months, without a verdict where these differ.
    """
    if target.value is None or target.comparator is None:
        return NO_TARGET
    if actual.status == SUPPRESSED:
        return _of_suppressed(target, actual, as_of)
    if actual.ranged and actual.low is not None and actual.high is not None:
        if target.period.end > as_of or actual.status == INCOMPLETE:
            return NOT_DUE
        sides = verdicts_possible(target.comparator, actual.low, actual.high, target.value)
        return NOT_DUE if len(sides) > 1 else MET if sides.pop() else NOT_MET
    if actual.value is None:
        return NOT_DUE if target.period.end > as_of else NO_DATA
    if target.period.end > as_of or actual.status == INCOMPLETE:
        return NOT_DUE
    if margin is not None:
        return MET if comparator_holds(target.comparator, margin, 0) else NOT_MET
    if target.unit == "months":
        if target.value % 1:
            # The calendar has no part of a month.
            return NO_DATA
        sides = {
            comparator_holds(target.comparator, actual.value, days)
            for days in days_of_months(int(target.value))
        }
        return NO_DATA if len(sides) > 1 else MET if sides.pop() else NOT_MET
    return MET if comparator_holds(target.comparator, actual.value, target.value) else NOT_MET


def _of_suppressed(target: Target, actual: Actual, as_of: date) -> str:
    """The verdict that holds for all that may be said of a suppressed value; suppressed where none does."""
    ends = ends_of(actual)
    if ends is None or target.period.end > as_of or target.unit == "months":
        return SUPPRESSED
    sides = verdicts_possible(str(target.comparator), *ends, float(target.value or 0.0))
    return SUPPRESSED if len(sides) > 1 else MET if sides.pop() else NOT_MET


def step_verdict(target: Target, actual: Actual, as_of: date, better: str) -> str:
    """met, not_met, not_due, no_data or no_target of a stage, or yes, promised by the last day of a period.

    It is met as soon as the step, or one beyond it, is reached, also before that day; `=` says which step, not that a
    further one would miss it. What is not reached is judged once the day has passed.
    """
    if target.value is None or target.comparator is None:
        return NO_TARGET
    beyond = {"up": ">=", "down": "<="}.get(better, "=")
    comparator = beyond if target.comparator == "=" else target.comparator
    if actual.value is not None and comparator_holds(comparator, actual.value, target.value):
        return MET
    if target.period.end > as_of:
        return NOT_DUE
    return NO_DATA if actual.value is None else NOT_MET


def reached(target: Target, value: float) -> bool:
    """Whether a value in the target's unit reaches the target's level; False where it has none."""
    if target.value is None or target.comparator is None:
        return False
    return comparator_holds(target.comparator, value, target.value)


def verdicts_possible(comparator: str, low: float, high: float, level: float) -> set[bool]:
    """What value ⋈ level can be for a value from low to high.

    >>> verdicts_possible(">=", 10, 40, 5), verdicts_possible("=", 10, 40, 20) == {True, False}
    ({True}, True)
    """
    within = {level} if low < level < high else set()
    return {comparator_holds(comparator, value, level) for value in (low, high, *within)}


def comparator_holds(comparator: str, value: float, level: float) -> bool:
    """Whether value ⋈ level holds.

    >>> comparator_holds(">", 10, 10), comparator_holds(">=", 10, 10)
    (False, True)
    """
    return bool(_COMPARATORS[comparator](value, level))


def decimals_needed(target: Target, actual: Actual, verdict: str, decimals: int) -> int:
    """The fewest decimals, from those declared, at which the rounded numbers say what the verdict says.

    79,96 % misses 80 %: with one decimal it would read 80,0 %, so two are shown.
    """
    value, level, comparator = actual.value, target.value, target.comparator or "="
    if value is None or level is None or verdict not in (MET, NOT_MET) or target.unit == "months":
        return decimals
    truth = comparator_holds(comparator, value, level)
    for tried in range(decimals, MOST_DECIMALS + 1):
        if comparator_holds(comparator, round(value, tried), round(level, tried)) == truth:
            return tried
    return MOST_DECIMALS


def distance_of(target: Target, actual: Actual, margin: float | None = None) -> float | None:
    """Actual − target, in the target's unit (a limit in months: days beyond it).

    None where either is missing, or the actual's period is not complete: what is not judged has no distance either.
    """
    if actual.status == INCOMPLETE:
        return None
    if margin is not None:
        return margin
    if target.value is None or actual.value is None or target.unit == "months":
        return None
    return actual.value - target.value
