"""An indicator of one service: only units of that service make its periods whole, and published figures stand in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import visit, visits

FIGURE = (
    b"indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source\n"
    b"oral_health_wait_days,18,,2025-01-01,2025-03-31,,,41,days,,A report\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, name: str, data: bytes) -> None:
    now, today = datetime(2025, 7, 1, 8, 0), date(2025, 7, 1)
    report = load_bytes(name, data, LoadOptions(), settings, now=now, today=today)
    assert report.status == "loaded", report.findings


def told(settings: Settings, indicator: str) -> list[tuple[object, ...]]:
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    rows = answer(snapshot, Question(indicator, by="quarter", suppress=False), settings).rows
    return [tuple(row) for row in rows[["period", "value", "status"]].to_numpy()]


def care(*months: int, unit: str, service: str, first: int) -> list[str]:
    """Visits ten days after their assessment, one in each month."""
    return [
        visit(first + month, unit=unit, service=service, assessed=f"1.{month}.2025", visit=f"11.{month}.2025")
        for month in months
    ]


def test_a_published_figure_stands_where_no_visit_of_the_service_is_known(settings: Settings) -> None:
    mine = care(1, 2, 3, unit="TK-KOK-01", service="Avosairaanhoito", first=0)
    load(settings, "kaynnit_20250101-20250331.csv", visits(*mine))
    load(settings, "figures.csv", FIGURE)
    assert told(settings, "oral_health_wait_days") == [("2025-Q1", 41.0, "ok")]


def test_a_silent_unit_of_another_service_makes_nothing_incomplete(settings: Settings) -> None:
    teeth = care(1, 2, 3, 4, 5, 6, unit="HH-KOK-01", service="Suun terveydenhuolto", first=0)
    others = care(1, 2, 3, unit="TK-KOK-01", service="Avosairaanhoito", first=20)
    load(settings, "hammas_20250101-20250630.csv", visits(*teeth))
    load(settings, "kaynnit_20250101-20250331.csv", visits(*others))
    assert told(settings, "oral_health_wait_days") == [("2025-Q1", 10.0, "ok"), ("2025-Q2", 10.0, "ok")]
    assert told(settings, "health_centre_wait_days") == [("2025-Q1", 10.0, "ok")]


def test_the_whole_country_is_not_added_to_its_areas(settings: Settings) -> None:
    heading, _ = FIGURE.decode().split("\n", 1)
    rows = [
        f"child_health_clinic_visits,{area},,2025-01-01,2025-12-31,,,{n},count,,A report"
        for area, n in (("18", 10), ("20", 20), ("FI", 500))
    ]
    load(settings, "figures.csv", "\n".join([heading, *rows, ""]).encode())
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()

    def values(**asked: object) -> list[float]:
        return (
            answer(snapshot, Question("child_health_clinic_visits", **asked), settings).rows["value"].tolist()
        )

    assert values(area="all") == [30.0]
    assert values(area="FI") == [500.0]
    assert values(splits=("area",)) == [10.0, 20.0, 500.0]


@pytest.mark.parametrize("months", [1, 3, 6])
def test_figures_of_months_quarters_or_halves_make_the_year(settings: Settings, months: int) -> None:
    """Their lengths in days differ: 28 to 31, 90 to 92, 182 and 184."""
    heading, _ = FIGURE.decode().split("\n", 1)
    starts = [date(2024, month, 1) for month in range(1, 13, months)]
    ends = [day - timedelta(days=1) for day in (*starts[1:], date(2025, 1, 1))]
    rows = [
        f"child_health_clinic_visits,18,,{first},{last},,,10,count,,A report"
        for first, last in zip(starts, ends, strict=True)
    ]
    # A quarter that is told beside its months is not counted beside them.
    rows += (
        ["child_health_clinic_visits,18,,2024-01-01,2024-03-31,,,30,count,,A report"] if months == 1 else []
    )
    load(settings, "figures.csv", "\n".join([heading, *rows, ""]).encode())
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    found = answer(snapshot, Question("child_health_clinic_visits", by="year"), settings).rows
    assert found[["period", "value", "status"]].to_numpy().tolist() == [["2024", 120.0 / months, "ok"]]


def test_a_figure_of_all_services_is_not_added_to_its_parts(settings: Settings) -> None:
    heading, _ = FIGURE.decode().split("\n", 1)
    halves = (("2024-01-01", "2024-06-30"), ("2024-07-01", "2024-12-31"))
    rows = [
        f"child_health_clinic_visits,{area},{service},{first},{last},,,10,count,,A report"
        for area in ("18", "20")
        for first, last in halves
        for service in ("", "child_health_clinic")
    ]
    load(settings, "figures.csv", "\n".join([heading, *rows, ""]).encode())
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    for area, total in (("18", 20.0), ("all", 40.0)):
        question = Question("child_health_clinic_visits", by="year", area=area)
        assert answer(snapshot, question, settings).rows[["value", "status"]].to_numpy().tolist() == [
            [total, "ok"]
        ]


REFERRALS = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;Saapunut;Käsitelty;"
    "Päätös;Ensikäynti\r\n1;P1;1970;272;TK;PSY-1;Psykiatria;Aikuispsykiatria;Kiireetön;2.1.2025;9.1.2025;Hyväksytty;\r\n"
).encode("cp1252")
NOT_CONTACTED = (
    b"indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source\n"
    b"mental_health_not_contacted_in_week,18,,2025-01-01,2025-03-31,,,12,count,,A report\n"
)


def test_referrals_say_nothing_of_pathways(settings: Settings) -> None:
    """Where only referrals are loaded, nobody knows how many were not contacted: that is not nobody."""
    load(settings, "lahetteet_20250101-20250331.csv", REFERRALS)
    pathways = (
        *("mental_health_not_contacted_in_week", "mental_health_still_without_contact"),
        *("mental_health_guarantee", "substance_services_access"),
    )
    for indicator in pathways:
        assert told(settings, indicator) == []
    assert told(settings, "referral_handling") == [("2025-Q1", 100.0, "ok")]
    load(settings, "figures.csv", NOT_CONTACTED)
    assert told(settings, pathways[0]) == [("2025-Q1", 12.0, "ok")]


def test_notifications_say_nothing_of_assessments(settings: Settings) -> None:
    notification = "ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS\r\n"
    notification += "1|P1|2015|272|LS-1|ILMOITUS|20250102|20250106|ARVIOINTI\r\n"
    load(settings, "ilmoitukset_20250101-20250331.csv", notification.encode("latin-1"))
    assert told(settings, "child_welfare_7_weekdays") == [("2025-Q1", 100.0, "ok")]
    assert told(settings, "child_family_needs_assessment_90d") == []
