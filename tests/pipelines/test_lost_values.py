"""A load that would blank what is known: refused where a whole column goes, not where rows are corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.findings import Finding
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import parse_mapping
from pipelines.quality.check import check
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
ROWS = 20
REFERRALS = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;Saapunut;"
    "Käsitelty;Päätös;Ensikäynti"
)
REFERRAL = "{};P1;1956;272;TK;TK-KOK-01;Kokkola;Erikoissairaanhoito;Kiireetön;3.3.2025;{};Hyväksytty;"
OWN = """
name = "oma"
dataset = "visits"
[columns]
visit_id = "nro"
unit_code = "yksikko"
service_code = "palvelu"
visit_on = "kaynti"
{more}
[constants]
state_code = "realised"
[values.service]
avo = "primary_care"
{values}
"""
ASSESSED, URGENCY = 'assessed_on = "arvio"', 'urgency_code = "kiire"'
URGENCIES = '[values.urgency]\n1 = "non_urgent"\n2 = "urgent"'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(
    settings: Settings, data: bytes, day: int, mapping: str = "", name: str = "poiminta.csv"
) -> LoadReport:
    """Load a file extracted on a day of April, after having seen that inspecting it says the same."""
    own = parse_mapping(mapping.encode(), "oma.toml") if mapping else None
    options = LoadOptions(as_of=date(2025, 4, day), mapping=own)
    seen = inspect_bytes(name, data, options, settings, today=TODAY)
    report = load_bytes(name, data, options, settings, now=NOW, today=TODAY)
    assert seen.findings == report.findings
    return report


def lost(report: LoadReport) -> list[Finding]:
    found = [one for one in report.findings if one.code == "values_lost"]
    assert bool(found) == (report.status == "refused")
    return found


def own_visits(*, first: int = 0) -> bytes:
    rows = [f"{n};TK1;avo;10.3.2025;3.3.2025;{1 + n % 2}" for n in range(first, first + ROWS)]
    return "\n".join(["nro;yksikko;palvelu;kaynti;arvio;kiire", *rows, ""]).encode()


def blanked(count: int, of: int = ROWS) -> bytes:
    """Visits of which the first ones no longer have their day of assessment."""
    return visits(*(visit(n, assessed="" if n < count else "3.3.2025 9:12") for n in range(of)))


@pytest.mark.parametrize(
    ("rows", "blank", "refused"),
    [(ROWS, 10, False), (ROWS, 11, True), (ROWS, ROWS, True), (10, 10, True), (9, 9, False)],
)
def test_half_of_the_values_and_fewer_than_ten_may_be_corrected_away(
    settings: Settings, rows: int, blank: int, refused: bool
) -> None:
    load(settings, blanked(0, rows), 1)
    found = lost(load(settings, blanked(blank, rows), 2))
    assert [(one.field, one.count, one.params["reason"]) for one in found] == (
        [("assessed_on", blank, "blank")] if refused else []
    )


@pytest.mark.parametrize(("blank", "refused"), [(10, False), (11, True)])
def test_rows_that_stay_do_not_outweigh_those_that_are_replaced(
    settings: Settings, blank: int, refused: bool
) -> None:
    load(settings, blanked(0, 5 * ROWS), 1)
    found = lost(load(settings, blanked(blank), 2))
    assert [(one.field, one.count, one.params["known"]) for one in found] == (
        [("assessed_on", blank, ROWS)] if refused else []
    )


def test_a_missing_column_is_refused_with_its_first_value_and_only_where_rows_are_replaced(
    settings: Settings,
) -> None:
    lines = (
        visits(visit(1))
        .decode("cp1252")
        .replace("3.3.2025 9:12;", "")
        .replace("Hoidon tarpeen arviointi;", "")
    )
    without = lines.encode("cp1252")
    load(settings, visits(visit(1)), 1)
    refused = load(settings, without, 2)
    assert [(one.count, one.params["reason"], one.params["known"]) for one in lost(refused)] == [
        (1, "absent", 1)
    ]
    # The column is told about once.
    assert [one.code for one in refused.findings if "Hoidon tarpeen arviointi" in one.message("fi")] == [
        "values_lost"
    ]
    others = load(settings, without.replace(b"\r\n1;", b"\r\n2;"), 3)
    assert (others.status, [one.code for one in others.findings]) == ("loaded", ["column_went_blank"])


def test_a_year_of_birth_that_is_missing_is_lost_as_an_age(settings: Settings) -> None:
    whole = visits(*(visit(n) for n in range(ROWS)))
    load(settings, whole, 1)
    (found,) = lost(load(settings, whole.replace(b";1956;", b";;"), 2))
    assert (found.field, found.count, found.params["column"]) == ("birth_year", ROWS, "Syntymävuosi")


def test_referrals_that_lose_the_day_they_were_handled_are_refused(settings: Settings) -> None:
    def referrals(handled: str) -> bytes:
        rows = [REFERRAL.format(n, handled) for n in range(ROWS)]
        return ("\r\n".join([REFERRALS, *rows]) + "\r\n").encode("cp1252")

    load(settings, referrals("10.3.2025"), 1)
    assert [one.field for one in lost(load(settings, referrals(""), 2))] == ["handled_on"]


@pytest.mark.parametrize("day", [1, 2])
def test_a_mapping_that_lost_a_field_is_refused_for_the_same_file_and_the_next(
    settings: Settings, day: int
) -> None:
    data = own_visits()
    load(settings, data, 1, OWN.format(more=f"{ASSESSED}\n{URGENCY}", values=URGENCIES))
    (found,) = lost(load(settings, data, day, OWN.format(more=URGENCY, values=URGENCIES)))
    assert (found.field, found.count, found.params["reason"]) == ("assessed_on", ROWS, "unmapped")


def test_a_mapping_whose_codes_lost_their_meaning_is_refused_for_what_is_loaded_already(
    settings: Settings,
) -> None:
    whole = OWN.format(more=f"{ASSESSED}\n{URGENCY}", values=URGENCIES)
    load(settings, own_visits(), 1, whole)
    data = own_visits(first=100)
    poorer = OWN.format(more=f"{ASSESSED}\n{URGENCY}", values="")
    (found,) = lost(load(settings, data, 2, poorer))
    assert (found.field, found.count, found.params["reason"]) == ("urgency_code", ROWS, "meaningless")
    assert load(settings, data, 2, whole).status == "loaded"
    known = published_snapshot(settings).rows(
        "SELECT count(*) FROM visits WHERE urgency IN ('urgent', 'non_urgent')"
    )
    assert known == [(2 * ROWS,)]


def test_an_appointment_may_be_blank_once_it_has_been_kept(settings: Settings) -> None:
    mapping = OWN.format(more='booked_for = "varattu"', values="")

    def appointments(booked: str) -> bytes:
        rows = [f"{n};TK1;avo;10.3.2025;{booked}" for n in range(ROWS)]
        return "\n".join(["nro;yksikko;palvelu;kaynti;varattu", *rows, ""]).encode()

    load(settings, appointments("10.3.2025"), 1, mapping)
    assert load(settings, appointments(""), 2, mapping).status == "loaded"


def went_blank(report: LoadReport) -> list[tuple[object, ...]]:
    assert report.status == "loaded"
    found = [one for one in report.findings if one.code == "column_went_blank"]
    return [(one.field, one.params["reason"], one.params["months"], one.params["usual"]) for one in found]


def april(data: bytes) -> bytes:
    """The visits of a file a month later, under ids of their own."""
    return data.replace(b"10.3.2025", b"1.4.2025").replace(b"\r\n", b"\r\n4")[:-1]


@pytest.mark.parametrize(
    ("blank", "found"),
    [
        (ROWS, [("assessed_on", "blank", "2025-04", "100")]),
        (11, [("assessed_on", "blank", "2025-04", "100")]),
        (10, []),
        (0, []),
    ],
)
def test_a_month_of_new_rows_without_what_earlier_ones_have_is_warned_about(
    settings: Settings, blank: int, found: list[tuple[object, ...]]
) -> None:
    load(settings, blanked(0), 1)
    report = load(settings, april(blanked(blank)), 2)
    assert went_blank(report) == found
    if found:
        said = report.findings[0].message("fi")
        assert "Kuukausilta 2025-04 puuttuvat sarakkeen Hoidon tarpeen arviointi" in said
        assert "seven_day_access" in report.findings[0].params["indicators"]


def test_check_names_a_blank_month_until_a_newer_load_has_it(settings: Settings) -> None:
    load(settings, blanked(0), 1)
    load(settings, april(blanked(ROWS)), 2)

    def said() -> list[tuple[str, str]]:
        return [(p.subject, p.detail) for p in check(settings, today=TODAY) if p.code == "column_went_blank"]

    assert said() == [("000002", "Hoidon tarpeen arviointi 2025-04")]
    load(settings, april(blanked(0)), 3)
    assert said() == []


def test_new_rows_whose_codes_have_no_meaning_are_warned_about(settings: Settings) -> None:
    mapping = OWN.format(more=f"{ASSESSED}\n{URGENCY}", values=URGENCIES)
    load(settings, own_visits(), 1, mapping)
    odd = own_visits(first=ROWS).replace(b";1\n", b";8\n").replace(b";2\n", b";9\n")
    report = load(settings, odd, 2, mapping, "toinen.csv")
    assert went_blank(report) == [("urgency_code", "meaningless", "2025-03", "100")]
    # The fault of one column is told once.
    assert "indicator_unmapped" not in [one.code for one in report.findings if one.field == "urgency_code"]


def test_what_comes_after_a_referral_may_be_blank_in_the_newest_ones_but_not_its_column(
    settings: Settings,
) -> None:
    def referrals(first: int, handled: str, header: str = REFERRALS) -> bytes:
        rows = [REFERRAL.format(n, handled) for n in range(first, first + ROWS)]
        return ("\r\n".join([header, *rows]) + "\r\n").encode("cp1252")

    load(settings, referrals(0, "10.3.2025"), 1)
    assert went_blank(load(settings, referrals(100, ""), 2)) == []
    without = referrals(200, "", REFERRALS.replace("Käsitelty;", "")).replace(b";3.3.2025;;", b";3.3.2025;")
    assert went_blank(load(settings, without, 3)) == [("handled_on", "absent", "2025-03", "50")]
