"""What earlier versions loaded moves along: what they cannot know is told, what may be wrong is listed, codes go.

`tests/fixtures/formats/faults/0.1.tar.xz` is a warehouse as version 0.1 left it, with what that version let through:

1 visits of 1.4.2025; 2 visits without a date in the name, among them identity codes with other dashes in the id, unit code,
unit name and municipality, and in the unit name of a row set aside; 3 a queue whose file name has one; 4 and 5 queue counts,
the second without a date and with `25,335`, `12,000` and `25,000`; 6 figures with `12,000`, `21,907` and shares;
7 visits with a code in the file name, withdrawn; 8 a figure entered by hand; two decisions about units with codes in them.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.findings import LANGUAGES
from pipelines.identity_codes import holds_hetu
from pipelines.loading import rebuild as rebuilding
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.quality.check import Problem, check
from pipelines.quality.earlier_loads import perhaps_thousands
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import archive
from tests.pipelines.extracts import visit, visits

FAULTS = Path(__file__).parents[1] / "fixtures" / "formats" / "faults" / "0.1.tar.xz"
NOW, TODAY = datetime(2025, 7, 2, 8, 0), date(2025, 7, 2)
PERSONS = ("person_id_in_wrong_place", "person_id_in_wrong_place_decided")
COUNTS_HEADER = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"
FIGURES_HEADER = (
    "indicator_id;area_code;service;period_start;period_end;numerator;denominator;value;unit;note;source"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.unpack_archive(FAULTS, tmp_path)
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "empty")


def found(own: Settings, *codes: str) -> list[Problem]:
    return [problem for problem in check(own, today=TODAY) if problem.code in codes]


def texts_of(own: Settings) -> Iterator[str]:
    """Every text that is written in a warehouse: of Parquet files and their heads, other files, and every version."""
    for path in sorted(own.warehouse.rglob("*")):
        if path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as connection:
                for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():
                        yield from (cell for cell in row if isinstance(cell, str))
        elif path.suffix == ".parquet":
            for name, cells in pq.read_table(path).to_pydict().items():
                # A pseudonym has the shape of a code by chance.
                yield from (cell for cell in cells if isinstance(cell, str) and name != "person")
            if path.parent.name == archive.ARCHIVE:
                yield archive.read_head(path).record.to_json()
        elif path.is_file():
            yield path.read_text(encoding="utf-8")


def with_codes(own: Settings) -> list[str]:
    """Texts with an identity code; hashes and keys look like one by chance when they are read without a separator."""
    return [text for text in texts_of(own) if holds_hetu(text, bare=False)]


# --- listed by check ---


def test_extract_dates_that_no_file_says_are_listed(settings: Settings) -> None:
    assert [(p.level, p.subject, p.detail) for p in found(settings, "extract_date_assumed")] == [
        ("warning", "000002", "1.7.2025 (kaynnit.csv)"),
        ("warning", "000005", "1.7.2025 (jonot.csv)"),
    ]


def test_an_extract_date_assumed_today_is_listed_too(empty: Settings) -> None:
    for name, data in (("kaynnit.csv", visits(visit(1))), ("kaynnit_20250401.csv", visits(visit(2)))):
        load_bytes(name, data, LoadOptions(), empty, now=NOW, today=TODAY)
    assert [(p.level, p.subject, p.detail) for p in found(empty, "extract_date_assumed")] == [
        ("warning", "000001", "10.3.2025 (kaynnit.csv)")
    ]


def test_numbers_that_may_have_lost_their_thousands_are_listed(settings: Settings) -> None:
    problems = found(settings, "ambiguous_number")
    assert {p.level for p in problems} == {"warning"}
    year = "2024-01-01 / 2024-12-31"
    assert [(p.subject, p.detail) for p in problems] == [
        ("000005", "jonot.csv, 2025-02-03 / 18 / C / primary_care: waiting 12"),
        ("000005", "jonot.csv, 2025-02-03 / 18 / D / primary_care: waiting 25"),
        (
            "000006",
            "luvut.csv, adult_psychiatry_visits / 18 / adult_psychiatry / 2023-01-01 / 2023-12-31: value 12",
        ),
        ("000006", f"luvut.csv, adult_psychiatry_visits / 18 / adult_psychiatry / {year}: value 21.907"),
        ("000006", f"luvut.csv, seven_day_access / 18 / primary_care / {year}: denominator 25.335"),
        ("000006", f"luvut.csv, seven_day_access / 18 / primary_care / {year}: numerator 21.907"),
    ]
    # They stay listed while they count: making the warehouse again changes no number. What it sets aside counts no more:
    # 25 waiting, of whom 379 beyond the limit.
    contradicting = found(settings, "contradiction")
    assert [(p.subject, p.detail) for p in contradicting] == [
        ("000005", "jonot.csv (1): 2025-02-03 / 18 / D / primary_care: waiting 25, over_limit 379")
    ]
    rebuild(settings, now=NOW)
    assert found(settings, "ambiguous_number") == [problems[0], *problems[2:]]


COUNTS = [
    # The number of each date in turn, and which of them may have lost their thousands.
    ((11500, 12, 13000), (12,)),
    ((12, 13, 13000), (12, 13)),
    ((25000, 25, 26, 24, 25500), (24, 25, 26)),
    ((12000, 40, 13000), (40,)),
    ((12000, 60, 13000), ()),
    ((300, 1, 280), ()),
    ((12000, 1200, 1300), ()),
    ((5000, 0, 0), ()),
    ((12, 13, 14), ()),
]


@pytest.mark.parametrize(("numbers", "wanted"), COUNTS)
def test_a_fall_to_a_thousandth_of_the_series(
    empty: Settings, numbers: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    rows = [f"2025-01-{day + 1:02};18;A;primary_care;{n};;;x" for day, n in enumerate(numbers)]
    load_bytes(
        "jonot_20250401.csv",
        "\n".join([COUNTS_HEADER, *rows, ""]).encode(),
        LoadOptions(),
        empty,
        now=NOW,
        today=TODAY,
    )
    snapshot = published_snapshot(empty)
    suspects = perhaps_thousands(snapshot, loads(snapshot), {"000001"})
    assert sorted(int(one.value) for one in suspects) == sorted(wanted)
    # Of loads of today nothing is suspected: what is ambiguous was set aside.
    assert perhaps_thousands(snapshot, loads(snapshot), set()) == []


def test_decimals_are_suspected_where_things_are_counted(empty: Settings) -> None:
    rows = [
        *("digital_care_paths_in_use;18;;2024-12-31;2024-12-31;;;21,9;count;;x",),
        *("digital_care_paths_in_use;18;;2023-12-31;2023-12-31;;;0,25;count;;x",),
        *("digital_care_paths_in_use;18;;2022-12-31;2022-12-31;;;1200,5;count;;x",),
        *("seven_day_access;18;;2024-01-01;2024-12-31;;;84,125;percent;;x",),
        *("health_centre_wait_days;18;;2024-01-01;2024-12-31;;;7,125;days;;x",),
    ]
    report = load_bytes(
        "luvut_20250401.csv",
        "\n".join([FIGURES_HEADER, *rows, ""]).encode(),
        LoadOptions(source="figures"),
        empty,
        now=NOW,
        today=TODAY,
    )
    assert report.rows_loaded == len(rows), report.findings
    snapshot = published_snapshot(empty)
    suspects = perhaps_thousands(snapshot, loads(snapshot), {"000001"})
    assert [(one.field, one.value) for one in suspects] == [("value", 21.9)]


def test_identity_codes_are_named_by_load_and_column(settings: Settings) -> None:
    problems = found(settings, *PERSONS)
    assert {p.level for p in problems} == {"error"}
    assert {(p.subject, p.detail) for p in problems} == {
        ("000002", "visits.visit_id (1)"),
        ("000002", "visits.unit_code (1)"),
        ("000002", "visits.unit_name (2)"),
        ("000002", "visits.municipality_code (1)"),
        ("000002", "loads.findings (1)"),
        ("000002", "loads.parts (1)"),
        ("000002", "quarantine.Yksikkö (1)"),
        ("000003", "loads.file (1)"),
        ("000007", "loads.file (1)"),
        ("edits.jsonl", "edits.jsonl (2)"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_command_says_a_code(settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", language)
    for command in (
        *(["check"], ["check", "--json"], ["loads"], ["loads", "--json"], ["quarantine", "000002"]),
        *(["rebuild"], ["check"], ["loads", "--json"]),
    ):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == (1 if command[0] == "check" else 0)
        assert not holds_hetu(result.output), command
        assert "Traceback" not in result.output


def test_what_is_only_worth_a_look_fails_no_check(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    for load_id in ("000001", "000002", "000003"):
        withdraw(settings, load_id, now=NOW)
    problems = check(settings, today=TODAY)
    assert {p.code for p in problems if p.level == "warning"} >= {"ambiguous_number", "extract_date_assumed"}
    assert [p for p in problems if p.level == "error"] == []


# --- removed by rebuild ---


def test_rebuild_removes_identity_codes(settings: Settings) -> None:
    assert with_codes(settings)
    made = rebuild(settings, now=NOW)
    assert with_codes(settings) == []
    assert found(settings, *PERSONS, "archive_rows", "archive_damaged", "edits_damaged") == []
    assert {(one.load_id, one.column, one.removal) for one in made.removed} >= {
        ("000002", "visits.visit_id", "set_aside"),
        ("000002", "visits.unit_code", "set_aside"),
        ("000002", "visits.unit_name", "blanked"),
        ("000002", "visits.municipality_code", "blanked"),
        (None, "edits.jsonl", "masked"),
    }
    snapshot = published_snapshot(settings)
    # A required field: the row is set aside and supersedes nothing. An optional one is emptied.
    wanted = "SELECT visit_id, load_id, unit_code, unit_name, municipality_code, day(assessed_on) FROM visits"
    assert snapshot.rows(f"{wanted} WHERE visit_id IN ('2', '3', '4', '5', '6') ORDER BY 1") == [
        ("2", "000002", "TK-KOK-01", "Kokkolan pääterveysasema", "272", 3),
        ("3", "000001", "TK-KOK-01", "Kokkolan pääterveysasema", "272", 3),
        ("4", "000002", "TK-KOK-01", None, "272", 3),
        ("5", "000002", "TK-KOK-01", None, "272", 3),
        ("6", "000002", "TK-KOK-01", "Kokkolan pääterveysasema", None, 3),
    ]
    assert snapshot.rows("SELECT count(*) FROM visits") == [(59,)]
    assert snapshot.rows("SELECT unit FROM units WHERE kind IS NOT NULL") == [("TK-KOK-01",)]
    assert snapshot.rows(
        "SELECT load_id, status, rows_loaded, rows_quarantined, file FROM loads WHERE load_id IN ('000002', '000007') "
        "ORDER BY 1"
    ) == [("000002", "loaded", 57, 3, "kaynnit.csv"), ("000007", "withdrawn", 5, 0, "kaynnit - ***.csv")]


def test_the_next_rebuild_has_nothing_to_remove_and_changes_nothing(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    before = {
        p: p.read_bytes() for p in settings.warehouse.rglob("*") if p.is_file() and p.suffix != ".duckdb"
    }
    rows = published_snapshot(settings).rows("SELECT * FROM visits ORDER BY ALL")
    again = rebuild(settings, now=NOW)
    assert again.removed == ()
    assert published_snapshot(settings).rows("SELECT * FROM visits ORDER BY ALL") == rows
    for path, data in before.items():
        assert path.name == "CURRENT" or path.read_bytes() == data


def test_a_rebuild_killed_after_removing_is_completed_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(rebuilding, "republish", die)
        with pytest.raises(Killed):
            rebuild(settings, now=NOW)
    assert published_snapshot(settings).rows("SELECT count(*) FROM visits") == [(60,)]
    # The archive is clean; the version that is published is not.
    assert {(p.subject, p.detail) for p in found(settings, *PERSONS)} >= {("000002", "visits.unit_name (2)")}
    rebuild(settings, now=NOW)
    assert found(settings, *PERSONS) == []
    assert with_codes(settings) == []
    assert published_snapshot(settings).rows("SELECT count(*) FROM visits") == [(59,)]


@pytest.mark.parametrize("killed_before", range(0, 6, 2))
def test_a_removal_killed_between_two_files_is_completed_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, killed_before: int
) -> None:
    class Killed(BaseException):
        pass

    rewrite, written = archive.rewrite, []

    def die(*arguments: object, **named: object) -> None:
        if len(written) == killed_before:
            raise Killed
        written.append(arguments)
        rewrite(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(archive, "rewrite", die)
        with contextlib.suppress(Killed):
            rebuild(settings, now=NOW)
    rebuild(settings, now=NOW)
    assert with_codes(settings) == []
    assert published_snapshot(settings).rows(
        "SELECT rows_loaded, rows_quarantined FROM loads WHERE load_id = '000002'"
    ) == [(57, 3)]


def test_what_was_removed_can_be_loaded_again_corrected(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    corrected = visits(visit(3, unit="KOK-02", assessed="4.3.2025"))
    report: LoadReport = load_bytes(
        "kaynnit_20250702.csv", corrected, LoadOptions(), settings, now=NOW, today=TODAY
    )
    assert (report.status, report.rows_changed) == ("loaded", 1)


# --- told by rebuild ---


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fi",
            "Aiemman version lataukset, käynnit: 000001–000002. Niistä ei tiedetä: onko asiakas yli 75-vuotias,",
        ),
        (
            "sv",
            "Laddningar av en tidigare version, besök: 000001–000002. Följande är okänt i dem: om klienten är",
        ),
        (
            "en",
            "Loads made by an earlier version, visits: 000001–000002. Unknown of them: whether the client is over",
        ),
    ],
)
def test_rebuild_says_what_it_did(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", language)
    result = CliRunner().invoke(app, ["rebuild"])
    assert result.exit_code == 0
    assert said in result.output
    lines = result.output.splitlines()
    assert len([line for line in lines if "visits.unit_code" in line and "000002" in line]) == 1
    assert len([line for line in lines if "000001–000002" in line]) == 1
    assert len([line for line in lines if "000004–000005" in line]) == 1
    assert lines[-1].endswith("python -m pipelines check")
    # What the files cannot know stays unknown.
    unknown = "SELECT count(over_75), count(producer), count(with_referral) FROM visits"
    assert published_snapshot(settings).rows(unknown) == [(0, 0, 0)]


def test_rebuilding_what_today_loaded_says_only_how_much_there_is(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(empty.warehouse))
    load_bytes("kaynnit_20250401.csv", visits(visit(1)), LoadOptions(), empty, now=NOW, today=TODAY)
    result = CliRunner().invoke(app, ["rebuild"])
    assert result.output.splitlines() == ["Tietovarasto on koottu uudelleen arkistosta: 1 latausta."]


PATHWAYS = (
    "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
    "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
)


def test_one_row_of_several_datasets_is_set_aside_once(empty: Settings) -> None:
    """A pathway is a referral and a visit, or waits; keys of rows that do not belong to a dataset are searched too."""
    rows = [
        f"{n};P{n};1980;272;MTP-1;Mielenterveyspalvelut;2025-03-03;2025-03-04;2025-03-05;2025-03-10;;hoidossa;x"
        for n in range(1, 9)
    ]
    data = "\n".join([PATHWAYS, *rows, ""]).encode()
    report = load_bytes("pirkko_20250401.csv", data, LoadOptions(), empty, now=NOW, today=TODAY)
    assert (report.status, report.rows_loaded) == ("loaded", 8)
    for path in sorted((empty.warehouse / archive.ARCHIVE).glob("*.parquet")):
        rows_of = pq.read_table(path).to_pylist()
        for row in rows_of:
            key = row.get("referral_id") or row.get("visit_id") or row.get("entry_id")
            if key == "3" and not row["gone"]:
                row["unit_code"] = "MTP 131052\u2013308T"
        table = pa.Table.from_pylist(rows_of, schema=pq.read_schema(path).remove_metadata())
        archive.rewrite(path, table, archive.read_head(path).record)
    made = rebuild(empty, now=NOW)
    assert {(one.column, one.rows) for one in made.removed} == {
        ("referrals.unit_code", 1),
        ("visits.unit_code", 1),
    }
    assert with_codes(empty) == []
    snapshot = published_snapshot(empty)
    assert snapshot.rows("SELECT (SELECT count(*) FROM referrals), (SELECT count(*) FROM visits)") == [(7, 7)]
    (record,) = loads(snapshot)
    assert (record.rows_loaded, record.rows_quarantined) == (7, 1)
    assert {part.dataset: part.rows for part in record.parts} == {"referrals": 7, "visits": 7, "queue": 0}
    assert found(empty, "archive_rows", *PERSONS) == []
