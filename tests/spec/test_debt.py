"""Service debt: the shipped example, months that pay back, and the days beyond the law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.limits import limit_for, services_with_limit
from indicators.catalogue.places import FIGURES
from indicators.engine.question import SUPPRESSED, Question
from indicators.programme.targets import target_results
from indicators.service_debt.debt import (
    ADJUSTED_DEBT,
    HIDDEN_DEBT,
    INCOMING,
    PEOPLE,
    VISIBLE_DEBT,
    VISITS,
    DebtSeries,
    debt_series,
    demand_adjusted_debt,
    hidden_debt,
    visible_debt,
)
from indicators.service_debt.demand import demand_series, demands
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.spec.series import series


@pytest.fixture(scope="module")
def demo(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def test_the_child_health_clinic_comes_out_of_the_shipped_figures(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    found = hidden_debt(answer(snapshot, Question("child_health_clinic_visits", by="year"), figures_settings))
    told = [
        (one.period.label, one.expected, one.realised, one.shortfall, one.balance) for one in found.periods
    ]
    assert told == [("2020", 21907, 21358, 549, 549), ("2021", 21907, 19842, 2065, 2614)]
    assert (found.balance, found.total_shortfall, found.repaid) == (2614, 2614, 0)
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
    assert (found.total_shortfall, found.repaid, found.balance) == (10, 5, 5)
    met = [one.period.label for one in found.periods if one.shortfall is not None and one.shortfall <= 0]
    assert met == [f"2020-{month:02}" for month in range(4, 13)]


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
    assert [one.shortfall for one in found.periods] == [10, None, None, 1, None]
    assert [one.balance for one in found.periods] == [10, 10, 10, 11, 11]
    assert found.unknown == 3


#: Years from 2019 on → the debt at the end of the last, what fell short, what lessened debt, and growth beyond it
MORE_THAN_EXPECTED = """
100 90 130      0 10 10 20
100 130 90     10 10  0 30
100 130 160     0  0  0 90
100 90 100 105  5 10  5  0
100 80 110 130  0 20 20 20
100 80 150 95   5 25 20 30
"""


@pytest.mark.parametrize("line", MORE_THAN_EXPECTED.strip().splitlines())
def test_more_than_expected_lessens_only_a_debt_that_was_there_before(line: str) -> None:
    *values, debt, short, lessened, above = (float(number) for number in line.split())
    found = hidden_debt(series("child_health_clinic_visits", "year", date(2019, 1, 1), values))
    assert (found.balance, found.total_shortfall, found.repaid, found.above) == (debt, short, lessened, above)
    assert debt == short - lessened and min(one.balance for one in found.periods) >= 0


#: Visits and demand from 2019 on, a dot for what is not known → what each year fell short of, and the debt
AGAINST_DEMAND = """
100 100 100 | 10 20 20 | 100 100 | 200
100  90 110 | 10 10  5 |  10 -60 |   0
100 150 100 | 10 10 15 | -50  50 |  50
100  90  80 | 10  . 10 |   .  20 |  20
100  90  80 |  . 10 10 |   .   . |   0
100  90  80 |  0 10 10 |   .   . |   0
  .  90  80 | 10 10 10 |   .   . |   0
100  90   . | 10  5 10 | -40   . |   0
"""


@pytest.mark.parametrize("line", AGAINST_DEMAND.strip().splitlines())
def test_what_is_expected_follows_demand(line: str) -> None:
    visits, demand, short, debt = (
        [None if one == "." else float(one) for one in part.split()] for part in line.split("|")
    )
    found = demand_adjusted_debt(
        series("adult_psychiatry_visits", "year", date(2019, 1, 1), visits),
        series("adult_psychiatry_referrals", "year", date(2019, 1, 1), demand),
    )
    assert [one.shortfall for one in found.periods] == short
    assert [found.balance] == debt


def test_demand_is_held_against_its_own_month_and_counts_where_it_is_complete() -> None:
    visits = [10.0] * 12 + [None, None, 10.0, 10.0, 10.0]
    came_in = [*(float(month) for month in range(1, 13)), None, None, 6.0, 8.0, 5.0]
    found = demand_adjusted_debt(
        series("visits", "month", date(2019, 1, 1), visits),
        series("referrals", "month", date(2019, 1, 1), came_in, {"2020-04": "suppressed"}),
    )
    # March doubled; of April nothing is known; May is as it was.
    assert [one.expected for one in found.periods] == [20, None, 10]
    assert [one.factor for one in found.periods] == [2, None, 1]
    assert (found.balance, found.unknown) == (10, 1)
    with pytest.raises(BadQuestion, match="cannot be judged by year"):
        demand_adjusted_debt(
            series("visits", "month", date(2019, 1, 1), visits),
            series("referrals", "year", date(2019, 1, 1), [1.0, 2.0]),
        )


def test_referrals_tell_of_demand_before_people_and_of_the_same_service_alone() -> None:
    published = [
        DebtSeries("adult_psychiatry_patients", "adult_psychiatry", PEOPLE),
        DebtSeries("adult_psychiatry_referrals", "adult_psychiatry", INCOMING),
        DebtSeries("child_health_clinic_patients", "child_health_clinic", PEOPLE),
        DebtSeries("school_psych_nurse_clients", None, PEOPLE),
    ]
    rows = [
        DebtSeries("patients", "adult_psychiatry", PEOPLE),
        DebtSeries("referrals", "adult_psychiatry", INCOMING),
    ]
    every = [*published, *rows]
    names = lambda of: [one.indicator for one in demand_series(every, of)]  # noqa: E731
    psychiatry = ["adult_psychiatry_referrals", "referrals", "adult_psychiatry_patients", "patients"]
    assert names(DebtSeries("adult_psychiatry_visits", "adult_psychiatry", VISITS)) == psychiatry
    assert names(DebtSeries("visits", "adult_psychiatry", VISITS)) == [
        *("referrals", "adult_psychiatry_referrals"),
        *("patients", "adult_psychiatry_patients"),
    ]
    # A count of no one service is told by the count it is published beside.
    assert names(DebtSeries("school_psych_nurse_visits", None, VISITS)) == ["school_psych_nurse_clients"]
    assert names(DebtSeries("visits", "oral_health", VISITS)) == []
    assert names(published[1]) == []


def test_adult_psychiatry_owes_against_its_referrals_though_it_grew(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    every = debt_series(snapshot, "18")
    visits = next(one for one in every if one.indicator == "adult_psychiatry_visits")
    plain = answer(snapshot, visits.question("18", "year"), figures_settings)
    told = [
        (one, answer(snapshot, one.question("18", "year"), figures_settings))
        for one in demand_series(every, visits)
    ]
    assert (hidden_debt(plain).balance, hidden_debt(plain).repaid, hidden_debt(plain).above) == (
        0,
        0,
        10784,
    )
    referrals, patients = demands(plain, told)
    assert (referrals.series.indicator, referrals.before, referrals.now) == (
        "adult_psychiatry_referrals",
        2 * 1803,
        2050 + 2455,
    )
    assert (patients.before, patients.now) == (2 * 1050, 1110 + 1168)
    assert [one.shortfall for one in referrals.adjusted.periods] == pytest.approx(
        [29107 * 2050 / 1803 - 33309, 29107 * 2455 / 1803 - 35689]
    )
    assert referrals.adjusted.balance == pytest.approx(3943.66, abs=0.01)
    assert referrals.change_pct == pytest.approx(24.93, abs=0.01)


def test_what_is_expected_follows_a_population_only_where_one_is_given() -> None:
    visits = series("child_health_clinic_visits", "year", date(2019, 1, 1), [1000.0, 900.0, 900.0])
    children = series("population", "year", date(2019, 1, 1), [200.0, 180.0, None])
    found = hidden_debt(visits, population=children)
    assert [one.expected for one in found.periods] == [900, None]
    assert [one.shortfall for one in found.periods] == [0, None]
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
    question = Question("service_debt_visible", by="quarter", splits=(split,), suppress=False)
    found = visible_debt(demo, question, demo_settings).rows
    ours = {
        (row["period"], row[split]): (row["value"], row["days_beyond"]) for row in found.to_dict("records")
    }
    assert ours == slow_visible(demo, split)
    assert sum(days for _, days in ours.values()) > 1000


def test_days_are_hidden_where_the_number_of_entries_is(demo: Snapshot, demo_settings: Settings) -> None:
    question = Question("service_debt_visible", by="quarter", splits=("unit",))
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
        snapshot, Question("service_debt_visible", by="quarter", area="20"), figures_settings
    ).rows
    assert (found["value"] > 0).any()
    assert found["days_beyond"].isna().all()


# --- as indicators ---

HEADER = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"


@pytest.fixture(scope="module")
def figures(figures_settings: Settings) -> Snapshot:
    return Warehouse(figures_settings.warehouse).current()


def owed(
    snapshot: Snapshot, settings: Settings, indicator: str = HIDDEN_DEBT, **asked: object
) -> list[tuple[object, ...]]:
    """Period, splits, value and status of each row."""
    found = answer(snapshot, Question(indicator, **asked), settings)
    names = ["period", *found.question.splits, "value", "status"]
    rows = found.rows[names].astype(object)
    return [tuple(row) for row in rows.where(rows.notna(), None).to_numpy()]


CLINIC = (("service", ("child_health_clinic",)),)


def test_the_hidden_debt_is_what_is_owed_at_the_end_of_a_period(
    figures: Snapshot, figures_settings: Settings
) -> None:
    assert owed(figures, figures_settings, by="year", where=CLINIC) == [
        ("2020", 549, "ok"),
        ("2021", 2614, "ok"),
    ]
    # Years end in their last quarter; what is owed in between is not known.
    assert owed(figures, figures_settings, by="quarter", where=CLINIC) == [
        ("2020-Q4", 549, "ok"),
        *((f"2021-Q{quarter}", None, "no_data") for quarter in (1, 2, 3)),
        ("2021-Q4", 2614, "ok"),
    ]
    assert owed(figures, figures_settings, where=CLINIC)[-1] == ("2021", 2614, "ok")


def test_it_is_that_of_the_page(figures: Snapshot, figures_settings: Settings) -> None:
    by_service = {
        row[1]: row[2]
        for row in owed(figures, figures_settings, by="year", splits=("service",))
        if row[0] == "2021"
    }
    page = {}
    for one in debt_series(figures, "18"):
        found = hidden_debt(answer(figures, one.question("18", "year"), figures_settings))
        if one.kind == VISITS and found.compared:
            page[one.service] = found.balance
    assert by_service == page
    assert len(page) == 4 and min(page.values()) == 0


def test_what_one_service_did_more_of_pays_nothing_of_anothers_debt(
    figures: Snapshot, figures_settings: Settings
) -> None:
    by_service = [row[2] for row in owed(figures, figures_settings, splits=("service",)) if row[0] == "2021"]
    assert owed(figures, figures_settings)[-1][1] == sum(by_service) == 2614
    assert owed(figures, figures_settings, area="all", splits=("area",))[-1] == ("2021", "18", 2614, "ok")


def test_it_answers_no_weeks(figures: Snapshot, figures_settings: Settings) -> None:
    with pytest.raises(BadQuestion):
        owed(figures, figures_settings, by="week")


def loaded(
    settings: Settings, folder: Path, *files: tuple[str, str], demo: bool = False
) -> tuple[Snapshot, Settings]:
    """A warehouse of these files alone, or with them where the folder has one."""
    mine = replace(settings, warehouse=folder / "warehouse")
    for name, text in files:
        now = datetime(2026, 1, 2, 8, 0)
        report = load_bytes(name, text.encode(), LoadOptions(demo=demo), mine, now=now, today=now.date())
        assert (report.status, report.rows_quarantined) == ("loaded", 0)
    return Warehouse(mine.warehouse).current(), mine


def months(counts: dict[str, int], persons: int = 0) -> str:
    """An extract of visits to the child health clinic: so many in each month, one unit, every day of the year known.

    By so many people, or by none known.
    """
    header = (
        "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;Kiireellisyys;"
        "Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;Käynti;Tila"
    )
    who = [f"P{number}" for number in range(persons)] or [""]
    lines = [
        f"{month}/{one};{who[one % len(who)]};;;N1;Neuvola;Lastenneuvola;;R10;Kiireetön;TH;;;;;{month}-15;Toteutunut"
        for month, count in counts.items()
        for one in range(count)
    ]
    return "\r\n".join([header, *lines])


def referrals(counts: dict[str, int]) -> str:
    """An extract of referrals to the child health clinic: so many in each month, one unit."""
    header = (
        "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;Saapunut;"
        "Käsitelty;Päätös;Ensikäynti"
    )
    lines = [
        f"{month}/{one};;;;;N1;Neuvola;Lastenneuvola;Kiireetön;{month}-15;;;"
        for month, count in counts.items()
        for one in range(count)
    ]
    return "\r\n".join([header, *lines])


def test_months_of_rows_stand_before_years_of_counts(figures_settings: Settings, tmp_path: Path) -> None:
    counts = {f"2019-{month:02}": 10 + month for month in range(1, 13)}
    counts |= {f"2020-{month:02}": 10 + month for month in range(1, 13)}
    counts |= {"2020-02": 5, "2020-03": 6, "2020-04": 15}
    snapshot, settings = loaded(
        figures_settings,
        tmp_path,
        ("kaynnit_20190101-20201231.csv", months(counts)),
        (
            "luvut_20210101.csv",
            f"{HEADER}\nchild_health_clinic_visits,18,child_health_clinic,2019-01-01,2019-12-31,,,900,count,,x\n"
            "child_health_clinic_visits,18,child_health_clinic,2020-01-01,2020-12-31,,,100,count,,x\n",
        ),
    )
    # March fell 7 short, April made up 1; February came before the disturbance.
    by_month = owed(snapshot, settings, by="month", where=CLINIC, suppress=False)
    assert by_month[:3] == [("2020-03", 7, "ok"), ("2020-04", 6, "ok"), ("2020-05", 6, "ok")]
    assert owed(snapshot, settings, by="quarter", suppress=False)[0] == ("2020-Q1", 7, "ok")
    assert owed(snapshot, settings, by="year", suppress=False) == [("2020", 6, "ok")]
    assert {load.source for load in answer(snapshot, Question(HIDDEN_DEBT), settings).loads} == {
        "exreport_kaynnit"
    }


def test_a_hidden_month_is_in_no_sum_and_the_sum_says_so(figures_settings: Settings, tmp_path: Path) -> None:
    counts = {f"{year}-{month:02}": 20 for year in (2019, 2020) for month in range(1, 13)} | {"2020-05": 3}
    snapshot, settings = loaded(figures_settings, tmp_path, ("kaynnit_20190101-20201231.csv", months(counts)))
    assert owed(snapshot, settings, by="year", suppress=False) == [("2020", 17, "ok")]
    assert owed(snapshot, settings, by="year") == [("2020", 0, "incomplete_period")]


def test_the_adjusted_debt_is_an_indicator_and_a_service_without_demand_makes_its_sum_incomplete(
    figures: Snapshot, figures_settings: Settings, tmp_path: Path
) -> None:
    by_service = {
        row[1]: round(row[2])
        for row in owed(figures, figures_settings, ADJUSTED_DEBT, by="year", splits=("service",))
        if row[0] == "2021"
    }
    assert by_service == {
        "adult_psychiatry": 3944,
        "child_health_clinic": 0,
        "opioid_substitution": 4668,
        "substance_services": 0,
    }
    assert [
        (period, round(value), status)
        for period, value, status in owed(figures, figures_settings, ADJUSTED_DEBT)
    ] == [
        ("2020", 2070, "ok"),
        ("2021", 8611, "ok"),
    ]
    shipped = (FIGURES / "actuals.csv").read_text(encoding="utf-8")
    without = "\n".join(
        line for line in shipped.splitlines() if not line.startswith("opioid_substitution_clients")
    )
    snapshot, settings = loaded(figures_settings, tmp_path, ("actuals.csv", without))
    told = owed(snapshot, settings, ADJUSTED_DEBT)
    assert [(round(value), status) for _, value, status in told] == [
        (0, "incomplete_period"),
        (3944, "incomplete_period"),
    ]
    assert owed(snapshot, settings)[-1] == ("2021", 2614, "ok")


def test_suppressed_demand_adjusts_nothing(figures_settings: Settings, tmp_path: Path) -> None:
    counts = {f"{year}-{month:02}": 20 for year in (2019, 2020) for month in range(1, 13)}
    snapshot, settings = loaded(
        figures_settings, tmp_path, ("kaynnit_20190101-20201231.csv", months(counts, persons=3))
    )
    assert owed(snapshot, settings, ADJUSTED_DEBT, by="year", suppress=False) == [("2020", 0, "ok")]
    assert owed(snapshot, settings, ADJUSTED_DEBT, by="year") == []
    assert owed(snapshot, settings, by="year") == [("2020", 0, "ok")]


def test_referrals_of_rows_adjust_months_of_rows(figures_settings: Settings, tmp_path: Path) -> None:
    visited = {f"{year}-{month:02}": 20 for year in (2019, 2020) for month in range(1, 13)}
    referred = {month: 10 if month.startswith("2019") else 15 for month in visited}
    snapshot, settings = loaded(
        figures_settings,
        tmp_path,
        ("kaynnit_20190101-20201231.csv", months(visited, persons=6)),
        ("lahetteet_20190101-20201231.csv", referrals(referred)),
    )
    # Half as many again were referred, and as many seen as before: 10 short in each month from March on.
    assert owed(snapshot, settings, ADJUSTED_DEBT, by="month", suppress=False)[:2] == [
        ("2020-03", 10, "ok"),
        ("2020-04", 20, "ok"),
    ]
    assert owed(snapshot, settings, ADJUSTED_DEBT, by="year", suppress=False) == [("2020", 100, "ok")]
    sources = {
        load.source for load in answer(snapshot, Question(ADJUSTED_DEBT, suppress=False), settings).loads
    }
    assert sources == {"exreport_kaynnit", "exreport_lahetteet"}


def test_synthetic_rows_are_in_no_debt_of_real_counts(figures_settings: Settings, tmp_path: Path) -> None:
    rows = {f"{year}-{month:02}": 20 for year in (2019, 2020) for month in range(1, 13)} | {"2020-12": 1}
    shipped = (FIGURES / "actuals.csv").read_text(encoding="utf-8")
    alone, settings = loaded(
        figures_settings, tmp_path / "demo", ("kaynnit_20190101-20201231.csv", months(rows)), demo=True
    )
    assert owed(alone, settings, by="year", suppress=False) == [("2020", 19, "ok")]
    both, settings = loaded(
        figures_settings, tmp_path / "both", ("kaynnit_20190101-20201231.csv", months(rows)), demo=True
    )
    both, settings = loaded(figures_settings, tmp_path / "both", ("actuals.csv", shipped))
    assert owed(both, settings, by="year", suppress=False) == [("2020", 549, "ok"), ("2021", 2614, "ok")]
    assert not answer(both, Question(HIDDEN_DEBT, suppress=False), settings).demo
    assert not answer(both, Question(ADJUSTED_DEBT, suppress=False), settings).demo


def test_targets_are_read_downwards(figures_settings: Settings, tmp_path: Path) -> None:
    row = "service_debt_hidden,18,{0}-01-01,{0}-12-31,<=,{1},count,,x"
    rows = [row.format(year, level) for year, level in ((2020, 549), (2021, 2600), (2022, 0))]
    shipped = (FIGURES / "actuals.csv").read_text(encoding="utf-8")
    snapshot, settings = loaded(
        figures_settings,
        tmp_path,
        ("actuals.csv", shipped),
        (
            "tavoitteet.csv",
            "\n".join(
                [
                    "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source",
                    *rows,
                ]
            ),
        ),
    )
    found = target_results(snapshot, settings, as_of=date(2026, 1, 2), area="18")
    told = [(one.target.period.label, one.actual.value, one.verdict, one.distance) for one in found]
    assert told == [("2020", 549, "met", 0), ("2021", 2614, "not_met", 14), ("2022", None, "no_data", None)]
    assert found[-1].earlier is not None and found[-1].earlier.value == 2614


def test_a_figure_entered_for_the_debt_itself_stands_where_nothing_can_be_compared(
    figures_settings: Settings, tmp_path: Path
) -> None:
    snapshot, settings = loaded(
        figures_settings,
        tmp_path,
        ("luvut.csv", f"{HEADER}\nservice_debt_hidden,18,,2023-12-31,2023-12-31,,,1500,count,,Tilinpäätös\n"),
    )
    assert owed(snapshot, settings, by="year")[-1] == ("2023", 1500, "ok")


def test_a_count_that_names_its_service_in_some_years_alone_is_owed_once(
    figures_settings: Settings, tmp_path: Path
) -> None:
    row = "child_health_clinic_visits,{0},{1},{2}-01-01,{2}-12-31,,,{3},count,,x"
    years = ((2019, "child_health_clinic", 900), (2020, "child_health_clinic", 800), (2021, "", 700))
    rows = [row.format(area, service, year, n) for area in ("18", "FI") for year, service, n in years]
    snapshot, settings = loaded(figures_settings, tmp_path, ("luvut.csv", "\n".join([HEADER, *rows, ""])))
    assert [one.service for one in debt_series(snapshot, "18")] == ["child_health_clinic"]
    assert owed(snapshot, settings, by="year") == [("2020", 100, "ok"), ("2021", 300, "ok")]
    # The whole country is told where areas are, and is none beside them.
    assert owed(snapshot, settings, by="year", area="all")[-1] == ("2021", 300, "ok")
    assert owed(snapshot, settings, by="year", splits=("area",))[-2:] == [
        ("2021", "18", 300, "ok"),
        ("2021", "FI", 300, "ok"),
    ]


@pytest.mark.parametrize("asked", [{"by": "month"}, {"by": "year", "splits": ("service",)}])
def test_the_visible_debt_is_those_over_the_limit(
    demo: Snapshot, demo_settings: Settings, asked: dict[str, object]
) -> None:
    debt, queue = (
        answer(demo, Question(name, **asked), demo_settings).rows.drop(columns="indicator")
        for name in (VISIBLE_DEBT, "queue_over_limit")
    )
    pd.testing.assert_frame_equal(debt, queue)
    assert (debt["value"] > 0).any()
