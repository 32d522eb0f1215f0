"""Service debt: the shipped example, months that pay back, and the days beyond the law."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from indicators.debt import hidden_debt, visible_debt
from indicators.definition import definition
from indicators.engine import answer
from indicators.errors import BadQuestion
from indicators.limits import limit_for, services_with_limit
from indicators.question import SUPPRESSED, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.spec.series import series


@pytest.fixture(scope="module")
def demo(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def test_the_child_health_clinic_comes_out_of_the_shipped_figures(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    found = hidden_debt(answer(snapshot, Question("child_health_clinic_visits", by="year"), figures_settings))
    told = [(one.period.label, one.expected, one.realised, one.short, one.balance) for one in found.periods]
    assert told == [("2020", 21907, 21358, 549, 549), ("2021", 21907, 19842, 2065, 2614)]
    assert (found.balance, found.fell_short, found.paid_back, found.made_it) == (2614, 2614, 0, ())
    assert not found.scaled


#: 2019: 10 in January, 20 in February … 120 in December
YEAR_2019 = [10.0 * month for month in range(1, 13)]


def test_months_are_held_against_their_own_month_from_march_2020() -> None:
    # January and February 2020 fell short too, but before the disturbance; April pays 5 back
    months_2020 = [0.0, 0.0, 20.0, 45.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 110.0, 120.0]
    found = hidden_debt(
        series("child_health_clinic_visits", "month", date(2019, 1, 1), YEAR_2019 + months_2020)
    )
    assert [one.period.label for one in found.periods][:2] == ["2020-03", "2020-04"]
    assert [one.balance for one in found.periods][:3] == [10, 5, 5]
    assert (found.fell_short, found.paid_back, found.balance) == (10, 5, 5)
    assert found.made_it == ("2020-04", *(f"2020-{month:02}" for month in range(5, 13)))


def test_a_month_that_cannot_be_judged_is_in_no_sum() -> None:
    found = hidden_debt(
        series(
            "child_health_clinic_visits",
            "month",
            date(2019, 1, 1),
            [*YEAR_2019[:3], None, *YEAR_2019[4:], 0.0, 0.0, 20.0, 0.0, None, 59.0, 0.0],
            {"2020-07": "incomplete_period"},
        )
    )
    assert [one.short for one in found.periods] == [10, None, None, 1, None]
    assert [one.balance for one in found.periods] == [10, 10, 10, 11, 11]
    assert found.unknown == 3


def test_more_than_expected_is_a_debt_below_zero() -> None:
    found = hidden_debt(series("child_health_clinic_visits", "year", date(2019, 1, 1), [100.0, 90.0, 130.0]))
    assert (found.balance, found.fell_short, found.paid_back, found.made_it) == (-20, 10, 30, ("2021",))


def test_what_is_expected_follows_a_population_only_where_one_is_given() -> None:
    visits = series("child_health_clinic_visits", "year", date(2019, 1, 1), [1000.0, 900.0, 900.0])
    children = series("population", "year", date(2019, 1, 1), [200.0, 180.0, None])
    found = hidden_debt(visits, population=children)
    assert [one.expected for one in found.periods] == [900, None]
    assert [one.short for one in found.periods] == [0, None]
    assert found.scaled
    assert [one.expected for one in hidden_debt(visits).periods] == [1000, 1000]


def test_without_a_baseline_nothing_is_owed_and_nothing_known() -> None:
    found = hidden_debt(series("child_health_clinic_visits", "year", date(2020, 1, 1), [900.0]))
    assert (found.balance, found.unknown) == (0, 1)


def test_series_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(BadQuestion, match="cannot be judged by quarter"):
        hidden_debt(series("child_health_clinic_visits", "quarter", date(2019, 1, 1), [1.0]))
    with pytest.raises(BadQuestion, match="split"):
        hidden_debt(series("child_health_clinic_visits", "year", date(2019, 1, 1), [1.0], splits=("area",)))


def slow_visible(snapshot: Snapshot, split: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Entries and person-days beyond the limit by quarter and split, entry by entry."""
    rows = snapshot.frame(
        """SELECT unit::VARCHAR AS unit, service::VARCHAR AS service, profession::VARCHAR AS profession,
                  age_group::VARCHAR AS age_group, urgency::VARCHAR AS urgency, reason::VARCHAR AS reason,
                  assessed_on, snapshot_on FROM queue WHERE counted AND area = '18'"""
    )
    rows["quarter"] = [f"{day.year}-Q{(day.month + 2) // 3}" for day in rows["snapshot_on"]]
    last = rows.groupby(["quarter", "unit"])["snapshot_on"].transform("max")
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows[rows["snapshot_on"] == last].to_dict("records"):
        if row["urgency"] != "non_urgent" or row["reason"] in ("own_wish", "medical"):
            continue
        if row["service"] not in services_with_limit():
            continue
        entries, days = found.get((row["quarter"], row[split] or "unknown"), (0, 0))
        if not pd.isna(row["assessed_on"]):
            limit = limit_for(row["service"], row["assessed_on"].date(), row["age_group"])
            beyond = limit and (row["snapshot_on"].date() - limit.last_day(row["assessed_on"].date())).days
            if beyond and beyond > 0:
                entries, days = entries + 1, days + beyond
        found[row["quarter"], row[split] or "unknown"] = entries, days
    return found


@pytest.mark.parametrize("split", ["service", "unit"])
def test_days_beyond_the_limit_entry_by_entry(split: str, demo: Snapshot, demo_settings: Settings) -> None:
    question = Question("queue_over_limit", by="quarter", splits=(split,), suppress=False)
    found = visible_debt(demo, question, demo_settings).rows
    ours = {
        (row["period"], row[split]): (row["value"], row["days_beyond"]) for row in found.to_dict("records")
    }
    assert ours == slow_visible(demo, split)
    assert sum(days for _, days in ours.values()) > 1000


def test_days_are_hidden_where_the_number_of_entries_is(demo: Snapshot, demo_settings: Settings) -> None:
    question = Question("queue_over_limit", by="quarter", splits=("unit",))
    found = visible_debt(demo, question, demo_settings).rows
    hidden = found["status"] == SUPPRESSED
    assert hidden.any()
    assert not hidden.all()
    assert found.loc[hidden, "days_beyond"].isna().all()
    assert found.loc[~hidden & found["value"].notna(), "days_beyond"].notna().all()


def test_days_of_another_indicator_are_refused(demo: Snapshot, demo_settings: Settings) -> None:
    assert definition("queue_length").row_level
    with pytest.raises(BadQuestion):
        visible_debt(demo, Question("queue_length"), demo_settings)


def test_counted_queues_tell_no_days(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    found = visible_debt(
        snapshot, Question("queue_over_limit", by="quarter", area="20"), figures_settings
    ).rows
    assert (found["value"] > 0).any()
    assert found["days_beyond"].isna().all()
