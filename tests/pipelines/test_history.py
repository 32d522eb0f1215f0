"""Going back: any load withdrawn in any order, the warehouse made again, what was set aside, decisions by hand."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from indicators.catalogue.errors import TakuuvahtiError, UsageError
from pipelines.checking.extract import LoadOptions
from pipelines.errors import WarehouseDamaged, WarehouseMissing
from pipelines.loading import master_data as master
from pipelines.loading.history import NotPossible, quarantine_csv, withdraw, withdrawal
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import load_mapping
from pipelines.quality.check import check
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.archive import archive_path
from tests.conftest import start_from
from tests.pipelines.extracts import queue, queue_entry, visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
DAY = date(2025, 3, 1)
#: The history of loads, and when a version was made: excepted from what withdrawing gives back.
HISTORY = {"loads", "findings", "meta", "segments"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, data: bytes, name: str = "kaynnit.csv", **options: object) -> LoadReport:
    report = load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=TODAY)
    assert report.status in ("loaded", "unchanged"), [f.message() for f in report.findings]
    return report


def content(settings: Settings) -> dict[str, list[tuple]]:
    """Every data table, sorted."""
    snapshot = published_snapshot(settings)
    tables = [row[0] for row in snapshot.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1")]
    assert set(tables) > HISTORY
    return {t: snapshot.rows(f"SELECT * FROM {t} ORDER BY ALL") for t in tables if t not in HISTORY}


# --- any sequence against a plain model ---

#: A pathway is a referral, and a visit where care has begun.
MAPPING = """
name = "polku"
[outputs.referrals]
columns = { referral_id = "nro", unit_code = "paikka", received_on = "tuli" }
constants = { service_code = "mental_health" }
[outputs.visits]
where = { column = "alku", given = true }
window = "contacted_on"
columns = { visit_id = "nro", unit_code = "paikka", contacted_on = "tuli", visit_on = "alku" }
constants = { service_code = "mental_health", state_code = "realised" }
"""


@dataclass(frozen=True)
class Row:
    key: int
    unit: str
    came: date
    began: date | None


@dataclass(frozen=True)
class Extract:
    """What a load brought, as the model sees it."""

    load_id: str
    order: tuple[date, int]
    rows: tuple[Row, ...]
    window: tuple[date, date] | None

    def speaks_of(self, row: Row) -> bool:
        if any(mine.key == row.key for mine in self.rows):
            return True
        units = {mine.unit for mine in self.rows}
        return self.window is not None and self.window[0] <= row.came <= self.window[1] and row.unit in units


def model(extracts: Iterable[Extract]) -> tuple[list[tuple], list[tuple]]:
    """Referrals and visits that count, worked out row by row."""
    extracts = list(extracts)
    counting = [
        (extract, row)
        for extract in extracts
        for row in extract.rows
        if not any(other.order > extract.order and other.speaks_of(row) for other in extracts)
    ]
    referrals = sorted((e.load_id, str(r.key), r.unit, r.came) for e, r in counting)
    seen = sorted((e.load_id, str(r.key), r.unit, r.began) for e, r in counting if r.began)
    return referrals, seen


def published(settings: Settings) -> tuple[list[tuple], list[tuple]]:
    snapshot = published_snapshot(settings)
    return (
        snapshot.rows("SELECT load_id, referral_id, unit, received_on FROM referrals ORDER BY ALL"),
        snapshot.rows("SELECT load_id, visit_id, unit, visit_on FROM visits ORDER BY ALL"),
    )


days = st.integers(0, 6).map(lambda number: DAY + timedelta(days=number))
rows = st.builds(Row, st.integers(1, 5), st.sampled_from("AB"), days, st.none() | days)
deliveries = st.tuples(
    st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row.key),
    st.integers(0, 4),
    st.none() | st.tuples(days, days).map(sorted),
)
steps = st.lists(
    st.one_of(
        deliveries,
        deliveries,
        st.integers(0, 9),
        st.sampled_from(["restore", "version cut", "archive cut"]),
    ),
    min_size=3,
    max_size=8,
)
#: What the document on operations says to copy: a restored warehouse is made of it, and has no versions.
COPIED = ("archive", "master", "quarantine")


def rebuilt_after(fault: str, settings: Settings) -> None:
    """Something happens to a warehouse; nothing is loaded into what is left, and rebuilding brings everything back."""
    version = settings.warehouse / "versions" / (settings.warehouse / "CURRENT").read_text("ascii").strip()
    if fault == "archive cut":
        whole = {path: path.read_bytes() for path in (settings.warehouse / "archive").glob("*.parquet")}
        for path, data in whole.items():
            path.write_bytes(data[: len(data) // 2])
            with pytest.raises(WarehouseDamaged):
                rebuild(settings, now=NOW)
            path.write_bytes(data)
    elif fault == "version cut":
        version.write_bytes(version.read_bytes()[:5000])
    elif fault == "restore":
        copies = settings.warehouse.with_name("copies")
        shutil.rmtree(copies, ignore_errors=True)
        for name in COPIED:
            if (settings.warehouse / name).exists():
                shutil.copytree(settings.warehouse / name, copies / name)
        shutil.rmtree(settings.warehouse)
        copies.rename(settings.warehouse)
        with pytest.raises(TakuuvahtiError):
            load(settings, visits(visit(900)), "kaynnit.csv")
    rebuild(settings, now=NOW)


def as_file(brought: Iterable[Row]) -> bytes:
    lines = [f"{r.key};{r.unit};{r.came};{r.began or ''}" for r in brought]
    return "\n".join(["nro;paikka;tuli;alku", *lines, ""]).encode()


@examples(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps, st.sampled_from([2, 100]))
def test_any_sequence_gives_what_a_plain_model_gives(sequence: list, withdrawable: int) -> None:
    """Deliveries, corrected ones, older ones, stated windows, withdrawals, rebuilding, damage and restoring, in any order;
    with few loads that can be withdrawn the older ones are compacted on the way."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "polku.toml"
        path.write_text(MAPPING, encoding="utf-8")
        mapping = load_mapping(path)
        settings = replace(
            load_settings({}), warehouse=Path(name) / "warehouse", withdrawable_loads=withdrawable
        )
        active: list[Extract] = []
        for step in sequence:
            if isinstance(step, str):
                if published_snapshot(settings) is not None:
                    rebuilt_after(step, settings)
            elif isinstance(step, int):
                if not active:
                    continue
                gone = active[step % len(active)]
                frozen = {r.load_id for r in loads(published_snapshot(settings)) if r.frozen}
                if gone.load_id in frozen:
                    with pytest.raises(NotPossible):
                        withdraw(settings, gone.load_id, now=NOW)
                else:
                    withdraw(settings, gone.load_id, now=NOW)
                    active.remove(gone)
            else:
                brought, age, window = step
                extract_date = DAY + timedelta(days=10 + age)
                window = tuple(window) if window else None
                report = load(
                    settings,
                    as_file(brought),
                    "polku.csv",
                    mapping=mapping,
                    as_of=extract_date,
                    window=window,
                    force=True,
                )
                if report.status == "loaded":
                    order = (extract_date, int(report.load_id))
                    active.append(Extract(report.load_id, order, tuple(brought), window))
            if published_snapshot(settings) is not None:
                assert published(settings) == model(active)
        if active:
            before = content(settings)
            rebuild(settings, now=NOW)
            assert content(settings) == before


# --- withdrawing ---


def test_withdrawing_gives_back_every_table_row_for_row(settings: Settings) -> None:
    load(settings, visits(visit(1), visit(2), visit(3, unit="TK-KAU-01")), as_of=date(2025, 4, 1))
    load(settings, queue(queue_entry(1), queue_entry(2)), "jono.csv")
    before = content(settings)
    second = load(
        settings,
        visits(visit(2, visit="12.3.2025"), visit(4, unit="TK-UUSI-01", unit_name="Uusi asema")),
        "kaynnit_20250301-20250331.csv",
        as_of=date(2025, 4, 8),
    )
    third = load(settings, queue(queue_entry(2, reason="Potilaan oma toive")), "jono2.csv")
    assert content(settings) != before
    withdraw(settings, second.load_id, now=NOW)
    withdraw(settings, third.load_id, now=NOW)
    assert content(settings) == before
    history = {r.load_id: (r.status, r.withdrawn_at) for r in loads(published_snapshot(settings))}
    assert history[second.load_id] == ("withdrawn", NOW)
    assert not list(settings.warehouse.glob(f"archive/{second.load_id}*.parquet"))
    again = load(settings, queue(queue_entry(2, reason="Potilaan oma toive")), "jono2.csv")
    assert (again.status, again.load_id > third.load_id) == ("loaded", True)


def test_withdrawing_the_only_real_load_brings_the_demo_back(
    settings: Settings, demo_settings: Settings
) -> None:
    start_from(demo_settings, settings)
    before = content(settings)
    report = load(settings, visits(visit(1)))
    assert published_snapshot(settings).rows("SELECT count(*) FROM visits") == [(1,)]
    withdraw(settings, report.load_id, now=NOW)
    assert content(settings) == before


def test_a_withdrawn_mapping_takes_its_codes_with_it(settings: Settings, tmp_path: Path) -> None:
    load(settings, visits(visit(1)))
    before = content(settings)
    path = tmp_path / "oma.toml"
    path.write_text(MAPPING + '[values.unit]\nA = "TK-KOK-01"\n', encoding="utf-8")
    row = Row(1, "A", DAY, DAY)
    report = load(settings, as_file([row]), "polku.csv", mapping=load_mapping(path))
    assert published_snapshot(settings).rows("SELECT unit FROM referrals") == [("TK-KOK-01",)]
    withdraw(settings, report.load_id, now=NOW)
    assert content(settings) == before


def test_what_cannot_be_withdrawn_is_said_and_changes_nothing(settings: Settings) -> None:
    with pytest.raises(WarehouseMissing):
        withdraw(settings, "000001", now=NOW)
    report = load(settings, visits(visit(1)))
    version = published_snapshot(settings).version
    with pytest.raises(UsageError, match="no load 000077"):
        withdraw(settings, "000077", now=NOW)
    assert published_snapshot(settings).version == version
    withdraw(settings, "1", now=NOW)
    with pytest.raises(NotPossible, match="withdrawn already"):
        withdraw(settings, report.load_id, now=NOW)


def test_what_withdrawing_would_change_is_what_it_changes(settings: Settings) -> None:
    load(settings, visits(visit(1), visit(2), visit(3, visit="2.4.2025"), visit(5)), as_of=date(2025, 4, 30))
    name = "kaynnit_20250301-20250430.csv"
    lines = (visit(1, mode="R50"), visit(2), visit(4, unit="TK-KOK-02"), visit(5))
    report = load(settings, visits(*lines), name, as_of=date(2025, 5, 2))
    version, before = published_snapshot(settings).version, content(settings)["visits"]
    told = withdrawal(settings, report.load_id)
    assert published_snapshot(settings).version == told.version == version
    [(dataset, effect)] = told.effects
    assert (dataset, told.demo_returns) == ("visits", 0)
    # 3 comes back, 1 is again as it was, 4 goes.
    assert (effect.new, effect.changed, effect.removed) == (1, 1, 1)
    assert effect.by_month == (("2025-03", 0, 1, 1), ("2025-04", 1, 0, 0))
    assert effect.by_unit == (("TK-KOK-01", 1, 1, 0), ("TK-KOK-02", 0, 0, 1))
    withdraw(settings, report.load_id, now=NOW)
    after = {row[4]: row[5:] for row in content(settings)["visits"]}
    was = {row[4]: row[5:] for row in before}
    assert {key for key in was if key not in after} == {"4"}
    assert {key for key in after if key not in was} == {"3"}
    assert {key for key in after if key in was and after[key] != was[key]} == {"1"}
    with pytest.raises(NotPossible, match="withdrawn already"):
        withdrawal(settings, report.load_id)


def test_withdrawing_the_last_own_rows_is_said_to_bring_the_demo_back(settings: Settings) -> None:
    load(settings, visits(visit(901)), "demo.csv", demo=True)
    report = load(settings, visits(visit(1)))
    told = withdrawal(settings, report.load_id)
    assert told.demo_returns == 1
    assert [(name, effect.new, effect.removed) for name, effect in told.effects] == [("visits", 0, 1)]
    withdraw(settings, report.load_id, now=NOW)
    assert published_snapshot(settings).rows("SELECT visit_id, demo FROM visits") == [("901", True)]


def test_a_frozen_load_is_not_offered_for_withdrawal(settings: Settings) -> None:
    settings = replace(settings, withdrawable_loads=1)
    first = load(settings, visits(visit(1)))
    load(settings, visits(visit(2)))
    with pytest.raises(NotPossible, match="can no longer be withdrawn"):
        withdrawal(settings, first.load_id)


def test_years_of_weekly_loads_do_not_grow_the_archive(settings: Settings) -> None:
    settings = replace(settings, withdrawable_loads=3)
    kept = []
    for week in range(10):
        # Every week the whole history again, with one visit more; the removed one stays away.
        lines = [visit(number) for number in range(1, 300 + week) if number != 7 or not week]
        load(
            settings,
            visits(*lines),
            "kaynnit_20250301-20250331.csv",
            as_of=date(2025, 4, 1) + timedelta(days=7 * week),
        )
        files = settings.warehouse.glob("archive/*-visits.parquet")
        kept.append(sum(pq.read_metadata(path).num_rows for path in files))
    # Three loads that can be withdrawn, what still counts of the others, and the key of the removed visit.
    assert kept[:3] == [299, 598, 898]
    assert kept[9] == sum(300 + week - 2 for week in (6, 7, 8, 9)) + 1
    frozen = [r.load_id for r in loads(published_snapshot(settings)) if r.frozen]
    assert len(frozen) == 7
    with pytest.raises(NotPossible, match="3 newest"):
        withdraw(settings, frozen[0], now=NOW)
    before = content(settings)
    rebuild(settings, now=NOW)
    assert content(settings) == before
    assert check(settings, today=date(2025, 4, 1)) == []
    # An old extract with the visit a window removed long ago does not bring it back.
    load(settings, visits(visit(7, visit="9.4.2025")), as_of=date(2025, 3, 20), force=True)
    assert published_snapshot(settings).rows("SELECT count(*) FROM visits WHERE visit_id = '7'") == [(0,)]


# --- rebuilding ---


def test_the_archive_alone_makes_the_warehouse_again(settings: Settings) -> None:
    load(settings, visits(visit(1), visit(2)), as_of=date(2025, 4, 1))
    gone = load(settings, visits(visit(3)), as_of=date(2025, 4, 2))
    load(settings, queue(queue_entry(1)), "jono.csv")
    withdraw(settings, gone.load_id, now=NOW)
    before, history = content(settings), loads(published_snapshot(settings))
    for path in (*settings.warehouse.glob("versions/*"), settings.warehouse / "CURRENT"):
        path.unlink()
    assert rebuild(settings, now=NOW).active == 2
    assert content(settings) == before
    assert loads(published_snapshot(settings)) == history


def test_a_damaged_version_is_made_again(settings: Settings) -> None:
    load(settings, visits(visit(1)))
    before = content(settings)
    version = settings.warehouse / "versions" / (settings.warehouse / "CURRENT").read_text()
    version.write_bytes(b"no database")
    rebuild(settings, now=NOW)
    assert content(settings) == before


def test_a_version_of_another_structure_is_said_and_made_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("pipelines.loading.publication.SCHEMA_VERSION", 1)
        load(settings, visits(visit(1)))
    with pytest.raises(WarehouseDamaged, match="pipelines rebuild"):
        published_snapshot(settings)
    rebuild(settings, now=NOW)
    assert published_snapshot(settings).rows("SELECT visit_id FROM visits") == [("1",)]


def test_a_truncated_archive_file_is_named_by_check_and_stops_rebuilding(settings: Settings) -> None:
    report = load(settings, visits(visit(1), visit(2)))
    path = archive_path(settings.warehouse, report.load_id, "visits")
    path.write_bytes(path.read_bytes()[:-200])
    problems = check(settings, today=TODAY)
    told = next(problem for problem in problems if problem.level == "error")
    assert (told.code, told.subject, told.detail) == ("archive_damaged", report.load_id, path.name)
    version = published_snapshot(settings).version
    with pytest.raises(WarehouseDamaged, match=path.name):
        rebuild(settings, now=NOW)
    assert published_snapshot(settings).version == version


def test_nothing_archived_is_said(settings: Settings) -> None:
    with pytest.raises(WarehouseMissing, match="No load is archived"):
        rebuild(settings, now=NOW)


# --- what was set aside ---


def test_rows_set_aside_go_out_with_their_reason_and_come_back_corrected(settings: Settings) -> None:
    lines = [visit(n) for n in range(1, 60)]
    lines += [visit(60, visit="31.2.2025"), visit(61, unit="", person="131052-308T"), visit(62, visit="")]
    report = load(settings, visits(*lines))
    assert report.rows_quarantined == 3
    out = quarantine_csv(settings, report.load_id, "fi")
    rows = out.splitlines()
    assert rows[0].startswith("Syy;Käyntitunnus;")
    assert [row.split(";")[0] for row in rows[1:]] == [
        "rivi 61: ei ole päivämäärä (visit_on)",
        "rivi 62: pakollinen tieto puuttuu (unit_code)",
        "rivi 63: pakollinen tieto puuttuu (visit_on)",
    ]
    assert "131052" not in out
    assert "P0000060" not in out
    corrected = out.replace("31.2.2025", "28.2.2025").replace(
        "61;***;1956;272;;", "61;***;1956;272;TK-KOK-01;"
    )
    again = load(settings, corrected.encode("utf-8-sig"), "korjattu.csv", force=True)
    assert (again.source, again.rows_loaded, again.rows_quarantined) == ("exreport_kaynnit", 2, 1)
    # What was masked is nobody, not one person.
    found = published_snapshot(settings).rows(
        "SELECT visit_id, person FROM visits WHERE visit_id IN ('60', '61') ORDER BY 1"
    )
    assert found == [("60", None), ("61", None)]


def test_a_load_without_rows_set_aside_gives_only_the_header(settings: Settings) -> None:
    report = load(settings, visits(visit(1)))
    assert quarantine_csv(settings, report.load_id, "en") == "Reason\r\n"


# --- decisions by hand ---


def test_what_a_code_means_re_labels_history_without_loading_again(settings: Settings) -> None:
    load(
        settings, visits(visit(1, service="Uusi palvelu"), visit(2, service="Uusi palvelu", visit="1.5.2025"))
    )
    report = load(settings, visits(visit(3)))
    label = "SELECT visit_id, service FROM visits ORDER BY 1"
    exported = master.export_codes(settings)
    assert "exreport_kaynnit;service;Uusi palvelu;;;" in exported
    decided = exported.replace(
        "exreport_kaynnit;service;Uusi palvelu;;;",
        "exreport_kaynnit;service;Uusi palvelu;oral_health;;30.4.2025\r\n"
        "exreport_kaynnit;service;Uusi palvelu;physiotherapy;1.5.2025;",
    )
    assert master.decide(settings, master.in_file(settings, decided, by="analyst", now=NOW), now=NOW) == 1
    assert published_snapshot(settings).rows(label) == [
        ("1", "oral_health"),
        ("2", "physiotherapy"),
        ("3", "primary_care"),
    ]
    assert (
        master.decide(
            settings, master.in_file(settings, master.export_codes(settings), by="analyst", now=NOW), now=NOW
        )
        == 0
    )
    before = content(settings)
    rebuild(settings, now=NOW)
    assert content(settings) == before
    withdraw(settings, report.load_id, now=NOW)
    assert published_snapshot(settings).rows(label)[1] == ("2", "physiotherapy")
    back = master.code_edit("exreport_kaynnit", "service", "Uusi palvelu", None, by="analyst", at=NOW)
    assert master.decide(settings, [back], now=NOW) == 1
    assert published_snapshot(settings).rows(label)[0] == ("1", "?Uusi palvelu")


def test_what_a_unit_is_outlives_loads_and_rebuilding(settings: Settings) -> None:
    report = load(settings, visits(visit(1), visit(2, unit="TK-KOK-09", unit_name="Vanha asema")))
    exported = master.export_units(settings)
    assert "TK-KOK-09;18;;Vanha asema;;;;;" in exported
    text = exported.replace(
        "TK-KOK-09;18;;Vanha asema;;;;;", "TK-KOK-09;18;health_centre;Asema;Stationen;;;31.12.2025;TK-KOK-01"
    )
    assert master.decide(settings, master.in_file(settings, text, by="analyst", now=NOW), now=NOW) == 1
    unit = "SELECT kind, name_fi, name_sv, valid_to, successor FROM units WHERE unit = 'TK-KOK-09'"
    told = [("health_centre", "Asema", "Stationen", date(2025, 12, 31), "TK-KOK-01")]
    assert published_snapshot(settings).rows(unit) == told
    rebuild(settings, now=NOW)
    assert published_snapshot(settings).rows(unit) == told
    withdraw(settings, report.load_id, now=NOW)
    load(settings, visits(visit(2, unit="TK-KOK-09", unit_name="Vanha asema")))
    assert published_snapshot(settings).rows(unit) == told
    lines = (settings.warehouse / "master" / "edits.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(json.loads(line)["by"], json.loads(line)["key"]) for line in lines] == [
        ("analyst", ["TK-KOK-09"])
    ]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"kind": "castle"}, "castle"),
        ({"valid_to": "2025-02-31"}, "2025-02-31"),
        ({"colour": "red"}, "colour"),
        ({"valid_from": "2025-02-01", "valid_to": "2025-01-01"}, "2025-02-01"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(values: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        master.unit_edit("TK-KOK-01", values, by="analyst", at=NOW)


def test_meanings_that_overlap_are_refused() -> None:
    meanings = [{"our_code": "oral_health"}, {"our_code": "primary_care", "valid_from": "2025-01-01"}]
    with pytest.raises(UsageError, match="two meanings"):
        master.code_edit("exreport_kaynnit", "service", "X", meanings, by="analyst", at=NOW)


def test_a_damaged_and_unpublished_decision_is_dropped(settings: Settings) -> None:
    load(settings, visits(visit(1)))
    folder = settings.warehouse / "master"
    folder.mkdir()
    (folder / "edits.jsonl.pending").write_text("half a li", encoding="utf-8")
    load(settings, visits(visit(2)))
    assert list(folder.iterdir()) == []


def test_demo_units_have_their_kinds_and_names(demo_settings: Settings) -> None:
    rows = published_snapshot(demo_settings).rows(
        "SELECT unit, kind, name_fi FROM units WHERE demo ORDER BY 1"
    )
    assert ("TK-KOK-01", "health_centre", "Kokkolan pääterveysasema") in rows
    assert ("LS-KOK-01", "social_services", "Kokkolan lastensuojelu") in rows
    assert all(kind for _, kind, _ in rows)
