"""A number delivered once and later blank, unreadable or beside the point: what stays in force, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import load_mapping
from pipelines.mapping.source import Source
from pipelines.settings import Settings, load_settings

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
FIGURES = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
)
COUNTS = "snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source"
YEARS = """
dataset = "figures"
date_formats = ["yyyy"]
columns = { area = "Alue", period_start = "vuosi", period_end = "vuosi", value = "arvo" }
where = [{ column = "Sukupuoli", is = "yhteensä" }, "arvo"]

[constants]
indicator = "oral_health_wait_over_7d"
unit = "percent"
cited_source = "Sotkanet"

[unpivot]
columns = ["20*"]
name = "vuosi"
value = "arvo"

[values.area]
"Oma" = "18"
"Kainuu" = "20"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, day: date, *lines: str, mapping: Source | None = None) -> LoadReport:
    data = "\n".join([*lines, ""]).encode()
    options = LoadOptions(as_of=day, mapping=mapping, force=True)
    report = load_bytes("luvut.csv", data, options, settings, now=NOW, today=TODAY)
    assert report.status == "loaded", report.findings
    return report


def stays(settings: Settings, sql: str, expected: list[tuple], report: LoadReport, told: int) -> None:
    """The numbers in force, now and made again from the archive, and how many earlier rows are said to stay."""
    assert sum(one.count for one in report.findings if one.code == "earlier_row_stays") == told
    for _ in range(2):
        assert published_snapshot(settings).rows(sql) == expected
        rebuild(settings, now=NOW)


@pytest.mark.parametrize("service", ["", "oral_health"])
@pytest.mark.parametrize("number", ["", "<5", "-"])
def test_a_month_without_a_number_leaves_the_earlier_one_and_says_so(
    settings: Settings, service: str, number: str
) -> None:
    march = f"low_threshold_groups,18,{service},2025-03-01,2025-03-31,,,{{}},count,,Raportti"
    april = f"low_threshold_groups,18,{service},2025-04-01,2025-04-30,,,12,count,,Raportti"
    load(settings, date(2025, 6, 1), FIGURES, march.format(10))
    report = load(settings, date(2025, 7, 1), FIGURES, march.format(number), april)
    sql = "SELECT month(period_start), value FROM figures ORDER BY 1"
    stays(settings, sql, [(3, 10.0), (4, 12.0)], report, told=1)


def test_a_count_that_becomes_unknown_beside_a_known_part_replaces_the_earlier_one(
    settings: Settings,
) -> None:
    first = load(settings, date(2025, 6, 1), COUNTS, "2025-03-03,18,A,primary_care,12,3,,Laskenta")
    report = load(settings, date(2025, 7, 1), COUNTS, "2025-03-03,18,A,primary_care,,4,,Laskenta")
    sql = "SELECT waiting, over_limit FROM queue_counts"
    stays(settings, sql, [(None, 4)], report, told=0)
    # Without any number the row says nothing.
    empty = load(settings, date(2025, 8, 1), COUNTS, "2025-03-03,18,A,primary_care,,,,Laskenta")
    stays(settings, sql, [(None, 4)], empty, told=1)
    withdraw(settings, report.load_id, now=NOW)
    assert published_snapshot(settings).rows(sql) == [(12, 3)]
    withdraw(settings, first.load_id, now=NOW)
    assert published_snapshot(settings).rows(sql) == []


@pytest.mark.parametrize("service", ["", 'service = "oral_health"'])
@pytest.mark.parametrize(
    ("later", "expected"),
    [
        # Not published any more, or not yet: nothing is said of the year.
        (["Oma;yhteensä;;38,2"], [("18", 2023, 41.5), ("18", 2024, 38.2)]),
        # Rows that do not belong have the key of one that does, and say nothing of it.
        (["Oma;naiset;43,1;40,2", "Kainuu;yhteensä;1;2"], [("18", 2023, 41.5), ("18", 2024, 38.2)]),
        (["Oma;naiset;43,1;40,2", "Oma;yhteensä;41,6;38,3"], [("18", 2023, 41.6), ("18", 2024, 38.3)]),
    ],
)
def test_rows_that_a_filter_leaves_out_take_no_figure_away(
    settings: Settings, tmp_path: Path, service: str, later: list[str], expected: list[tuple]
) -> None:
    path = tmp_path / "vuodet.toml"
    path.write_text(YEARS.replace("[constants]", f"[constants]\n{service}"), encoding="utf-8")
    mapping = load_mapping(path)
    header = "Alue;Sukupuoli;2023;2024"
    load(settings, date(2025, 6, 1), header, "Oma;yhteensä;41,5;38,2", mapping=mapping)
    report = load(settings, date(2025, 7, 1), header, *later, mapping=mapping)
    sql = "SELECT area, year(period_start), value FROM figures WHERE area = '18' ORDER BY 1, 2"
    stays(settings, sql, expected, report, told=0)
