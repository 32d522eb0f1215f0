"""Numbers as sources write them: what is one, what could be two, and what that does to the row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.checking.prepare import Prepared
from pipelines.mapping.files import all_sources
from pipelines.reading.numbers import is_ambiguous, number
from pipelines.reading.options import ReadingOptions
from tests.pipelines.reading_helpers import codes, read

COUNTS = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"
FIGURES = (
    "indicator_id;area_code;service;period_start;period_end;numerator;denominator;value;unit;note;source"
)
BUDGETS = "area_code;project;investment;cost_item;level;year;budget_eur;actual_eur;note;source"


def counts(waiting: str, over: str = "", **options: object) -> Prepared:
    row = f"2025-02-03;18;A;primary_care;{waiting};{over};;Raportti"
    return read(f"{COUNTS}\r\n{row}\r\n".encode(), "jonot_20250301.csv", **options)


def figure(unit: str, value: str = "", numerator: str = "", denominator: str = "") -> Prepared:
    indicator = {
        "count": "child_health_clinic_visits",
        "percent": "electronic_forms",
        "days": "child_welfare_notification_days",
        "ratio": "youth_mental_health_basic_share",
        "points": "ips_fidelity_points",
    }[unit]
    row = f"{indicator};18;;2024-01-01;2024-12-31;{numerator};{denominator};{value};{unit};;Raportti"
    return read(f"{FIGURES}\r\n{row}\r\n".encode(), "luvut_20250301.csv")


def reasons(prepared: Prepared) -> list[str]:
    return [row["reasons"] for row in prepared.quarantined.to_pylist()]


@pytest.mark.parametrize(
    ("written_as", "ambiguous"),
    [
        ("12,000", True),
        ("12.000", True),
        ("1.000", True),
        ("379,250", True),
        ("-1,250", True),
        ("\u22121,250", True),
        ("0,250", True),
        ("1200,000", False),
        ("12,00", False),
        ("12,0000", False),
        ("12 000", False),
        ("1 200,000", False),
        ("1,2,3", False),
        ("12000", False),
        ("12.", False),
    ],
)
def test_which_numbers_could_be_two(written_as: str, ambiguous: bool) -> None:
    assert is_ambiguous(written_as) == ambiguous
    assert (reasons(counts("5", written_as)) == ["ambiguous_number:over_limit"]) == ambiguous
    assert (reasons(counts(written_as)) == ["ambiguous_number:waiting"]) == ambiguous


def test_a_set_aside_count_is_nowhere() -> None:
    prepared = counts("25,335", "379")
    assert (codes(prepared), prepared.accepted.num_rows) == (["ambiguous_number"], 0)
    assert prepared.findings[0].params["column"] == "waiting"


@pytest.mark.parametrize(
    ("unit", "value", "found"),
    [
        ("count", "21,907", ["ambiguous_number"]),
        ("count", "21.907", ["ambiguous_number"]),
        ("count", "21907", []),
        ("count", "21 907", []),
        ("count", "21907,5", []),
        ("percent", "56,125", []),
        ("days", "12,125", []),
        ("ratio", "1.125", []),
        ("points", "3,125", []),
    ],
)
def test_the_value_of_a_figure_is_ambiguous_where_its_unit_counts(
    unit: str, value: str, found: list[str]
) -> None:
    assert [code for code in codes(figure(unit, value)) if code != "unknown_code"] == found


def test_without_a_unit_of_its_own_the_indicator_says_what_the_value_counts() -> None:
    def row(indicator: str) -> Prepared:
        line = f"{indicator};18;;2024-01-01;2024-12-31;;;21,907;;;Raportti"
        return read(f"{FIGURES}\r\n{line}\r\n".encode(), "luvut_20250301.csv")

    assert codes(row("child_health_clinic_visits")) == ["ambiguous_number"]
    assert codes(row("electronic_forms")) == []


@pytest.mark.parametrize("numbers", [("1,250", "2500"), ("1250", "2.500")])
def test_numerator_and_denominator_are_counts_whatever_the_unit(numbers: tuple[str, str]) -> None:
    prepared = figure("percent", "", *numbers)
    assert (codes(prepared), prepared.accepted.num_rows) == (["ambiguous_number"], 0)


def test_euros_are_counted_too() -> None:
    row = "18;Hanke;1;palkat;;2024;540,000;1200,5;;Raportti"
    assert codes(read(f"{BUDGETS}\r\n{row}\r\n".encode(), "budjetit_20250301.csv")) == ["ambiguous_number"]


@pytest.mark.parametrize(
    ("sign", "written_as", "waiting"),
    [
        (",", "25,335", 25335),
        (",", "1,025,335", 1025335),
        (",", "12.000", 12),
        (",", "12", 12),
        (",", "12 000", 12000),
        (".", "25.335", 25335),
        (".", "12,000", 12),
        (" ", "12,000", 12),
        ("'", "25'335", 25335),
        ("\u2019", "25\u2019335", 25335),
        (",", "25,33", None),
        (",", "2,5335", None),
        (".", "12.5", None),
    ],
)
def test_a_declared_thousands_sign_settles_it(sign: str, written_as: str, waiting: int | None) -> None:
    shipped = all_sources()["queue_counts"]
    mapping = replace(shipped, name="own", reading=ReadingOptions(thousands=sign))
    prepared = counts(written_as, mapping=mapping)
    assert prepared.accepted["waiting"].to_pylist() == ([] if waiting is None else [waiting])
    assert reasons(prepared) == ([] if waiting is not None else ["bad_number:waiting"])


@pytest.mark.parametrize("written_as", ["<5", "*", "1-4", "n. 20"])
def test_a_main_number_that_is_written_and_cannot_be_read_sets_the_row_aside(written_as: str) -> None:
    assert reasons(counts(written_as, "2")) == ["bad_number:waiting"]
    assert reasons(figure("count", written_as)) == ["bad_number:value"]
    assert reasons(figure("percent", "50", "1", written_as)) == ["bad_number:denominator"]


def test_a_blank_count_is_kept_as_unknown_with_a_warning() -> None:
    prepared = counts("", "9")
    assert codes(prepared) == ["blank_number"]
    (row,) = prepared.accepted.to_pylist()
    assert (row["waiting"], row["over_limit"]) == (None, 9)
    assert codes(counts("12", "")) == []
    assert codes(counts("", "")) == ["missing_value"]


def test_the_sign_of_the_mapping_is_never_the_decimal_sign() -> None:
    assert number("12,5", thousands=",") is None
    assert number("1,234.5", thousands=",") == 1234.5


@pytest.mark.parametrize(
    ("text", "thousands", "wanted"),
    [
        ("25'335", "'", 25335),
        ("25\u2019335", "'", 25335),
        ("25'335", "\u2019", 25335),
        ("25'335", None, None),
        ("25\u2009335", None, 25335),
        ("25\u2007335", None, 25335),
        ("0,500", ",", None),
        ("0.500", ",", 0.5),
        ("1,234,567", ",", 1234567),
        ("12,34,567", ",", None),
    ],
)
def test_signs_between_thousands(text: str, thousands: str | None, wanted: float | None) -> None:
    assert number(text, thousands) == wanted
