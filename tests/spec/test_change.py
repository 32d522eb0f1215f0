"""A period is compared only with whole periods, and only while it is whole itself; shares add up as sums."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from indicators.change import change_against
from indicators.periods import span
from indicators.targets import HIDDEN, MET, Actual, Target, verdict_of
from tests.spec.series import series

FIRST = date(2025, 1, 1)


def test_a_count_that_lacks_a_unit_has_not_fallen() -> None:
    found = series("queue_length", "month", FIRST, [100.0, 104.0, 60.0])
    assert change_against(found, 2).difference == pytest.approx(-42)
    found.rows.loc[2, "status"] = "incomplete_period"
    assert change_against(found, 2) is None


def test_shares_without_their_counts_are_not_averaged() -> None:
    found = series("electronic_forms", "quarter", FIRST, [10.0, 30.0, 50.0])
    found.rows[["numerator", "denominator"]] = np.nan
    assert change_against(found, 2) is None
    assert change_against(found, 2, 1).before == 30.0
    found.rows["numerator"], found.rows["denominator"] = [10.0, 270.0, 50.0], [100.0, 900.0, 100.0]
    assert change_against(found, 2).before == 28.0


def test_a_hidden_share_of_a_period_that_lacks_a_unit_is_not_judged() -> None:
    year = span(date(2025, 1, 1), date(2025, 12, 31))
    target = Target("seven_day_access", "18", year, ">=", 80.0, "percent", "80 %", None)
    hidden = (year, None, None, 100.0, 100.0, "suppressed", 96.0, 99.0, None, None, None)
    as_of = date(2026, 2, 1)
    assert verdict_of(target, Actual(*hidden, None, None), as_of) == MET
    assert verdict_of(target, Actual(*hidden, "TK-KOK-01", None), as_of) == HIDDEN
