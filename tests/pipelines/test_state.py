"""Which rows count: the incremental path, the fold of the archive and a plain model agree."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue.datasets import DATASETS
from pipelines.warehouse import archive
from pipelines.warehouse.archive import Rows
from pipelines.warehouse.build import VersionContent, build
from pipelines.warehouse.load_effect import Incoming, prepare_incoming
from pipelines.warehouse.master import Master
from pipelines.warehouse.reader import Warehouse, attach_version
from pipelines.warehouse.records import LoadRecord, Part
from pipelines.warehouse.segment_rows import RowOrigin
from pipelines.warehouse.swap_version import write_version

DAY = date(2025, 3, 1)
ARROW = {
    "UUID": pa.string(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
}
CODES = (("exreport_kaynnit", "service", "Avosairaanhoito", "primary_care", None, None),)


def visit_rows(rows: list[dict]) -> pa.Table:
    base = DATASETS["visits"].base
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], ARROW[kind]) for name, kind in base.items()}
    )


def brought(rows: pa.Table) -> dict[str, Rows]:
    return {"visits": Rows(rows)}


def record(sequence: int, extract: int, *, window=None, units=("A",), demo=False) -> LoadRecord:
    first, last = window or (0, 30)
    return LoadRecord(
        load_id=f"{sequence:06d}",
        sequence=sequence,
        file=f"{sequence}.csv",
        content_hash=str(sequence),
        source="exreport_kaynnit",
        layout="v1",
        dataset="visits",
        origin="18",
        demo=demo,
        status="loaded",
        extract_date=DAY + timedelta(days=extract),
        window_from=DAY + timedelta(days=first) if window else None,
        window_to=DAY + timedelta(days=last) if window else None,
        scope="units",
        rows_read=0,
        rows_loaded=0,
        rows_quarantined=0,
        rows_new=0,
        rows_changed=0,
        rows_removed=0,
        period_start=None,
        period_end=None,
        loaded_at=datetime(2025, 4, 1),
        loaded_by="test",
        withdrawn_at=None,
        frozen=False,
        parts=(
            Part(
                "visits",
                0,
                tuple((unit, DAY + timedelta(days=first), DAY + timedelta(days=last)) for unit in units),
                "visit_on" if window else None,
            ),
        ),
        code_map=(),
        findings="[]",
    )


def publish(folder: Path, records: list[LoadRecord], incoming: Incoming | None = None) -> None:
    """Publish a version the incremental way (`incoming`) or from the archive alone."""
    before = Warehouse(folder).current() if (folder / "CURRENT").exists() else None
    old = "old" if before is not None and incoming is not None else None

    def builder(connection: duckdb.DuckDBPyConnection) -> None:
        if incoming is not None:
            prepare_incoming(connection, folder, records, incoming, old)
            archive.write_pending(folder, incoming.record, incoming.rows, visit_rows([]), "")
        whole = records if incoming is None else [*records, incoming.record]
        origin = RowOrigin(old, incoming=None if incoming is None else incoming.record)
        build(connection, folder, VersionContent(whole, Master(CODES), {}), origin)

    write_version(folder, builder)
    if incoming is not None:
        archive.reconcile(folder, [*records, incoming.record])


def published(folder: Path) -> list[tuple]:
    return Warehouse(folder).current().rows("SELECT * FROM visits ORDER BY ALL")


def model(loads: list[tuple[LoadRecord, list[dict]]]) -> dict[str, tuple[str, date, str]]:
    """Surviving rows by key: load, visit date and unit, worked out row by row."""
    surviving = {}
    for load, rows in loads:
        for row in rows:
            spoken_of = False
            for other, others in loads:
                if other.order <= load.order:
                    continue
                if any(o["visit_id"] == row["visit_id"] for o in others):
                    spoken_of = True
                if other.window_from is not None:
                    units = {o["unit_code"] for o in others}
                    inside = other.window_from <= row["visit_on"] <= other.window_to
                    spoken_of = spoken_of or (inside and row["unit_code"] in units)
            if not spoken_of:
                surviving[row["visit_id"]] = (load.load_id, row["visit_on"], row["unit_code"])
    return surviving


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[LoadRecord, list[dict]]]:
    loads = []
    # In the middle of a year, or over its end: then rows lie in several segments.
    start = draw(st.sampled_from([DAY, date(2024, 12, 29)])) - DAY
    for sequence in range(1, draw(st.integers(1, 4)) + 1):
        keys = draw(st.lists(st.integers(1, 6), unique=True, min_size=1, max_size=5))
        rows = [
            {
                "visit_id": str(key),
                "unit_code": draw(st.sampled_from("AB")),
                "service_code": draw(st.sampled_from(["Avosairaanhoito", "Uusi palvelu"])),
                "state_code": "Toteutunut",
                "visit_on": DAY + start + timedelta(days=draw(st.integers(0, 6))),
            }
            for key in keys
        ]
        window = None
        if draw(st.booleans()):
            first = draw(st.integers(0, 6))
            window = (first, draw(st.integers(first, 6)))
        units = tuple(sorted({row["unit_code"] for row in rows}))
        load = record(sequence, draw(st.integers(0, 3)), window=window, units=units)
        loads.append((replace(load, rows_loaded=len(rows)), rows))
    return loads


@settings(max_examples=12, deadline=None, derandomize=True)
@given(histories())
def test_incremental_fold_and_model_agree(history: list[tuple[LoadRecord, list[dict]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done: list[LoadRecord] = []
        for load, rows in history:
            publish(folder, done, Incoming(load, brought(visit_rows(rows))))
            done.append(load)
        step_by_step = published(folder)
        publish(folder, done)
        assert published(folder) == step_by_step
        rows = Warehouse(folder).current().rows("SELECT visit_id, load_id, visit_on, unit FROM visits")
        assert {key: rest for key, *rest in rows} == {k: list(v) for k, v in model(history).items()}


def test_effect_counts_new_changed_and_removed(tmp_path: Path) -> None:
    def row(key: str, day: int, unit: str = "A") -> dict:
        return {"visit_id": key, "unit_code": unit, "visit_on": DAY + timedelta(days=day)}

    first = record(1, 10)
    publish(
        tmp_path,
        [],
        Incoming(first, brought(visit_rows([row("1", 0), row("2", 1), row("3", 2), row("4", 9)]))),
    )
    second = record(2, 11, window=(0, 5))
    connection = duckdb.connect()
    attach_version(connection, Warehouse(tmp_path).current().path, "old")
    effect = prepare_incoming(
        connection,
        tmp_path,
        [first],
        Incoming(second, brought(visit_rows([row("1", 0), row("2", 3), row("5", 4)]))),
        "old",
    )
    assert (effect.new, effect.changed, effect.removed, effect.older) == (1, 1, 1, 0)
    assert effect.by_month == (("2025-03", 1, 1, 1),)
    assert effect.by_unit == (("A", 1, 1, 1),)


def test_codes_are_mapped_when_publishing_and_unknown_ones_kept(tmp_path: Path) -> None:
    rows = [
        {
            "visit_id": "1",
            "unit_code": "A",
            "unit_name": "Asema",
            "service_code": "avosairaanhoito ",
            "visit_on": DAY,
        },
        {
            "visit_id": "2",
            "unit_code": "A",
            "service_code": "Uusi",
            "mode_source_code": "R52",
            "visit_on": DAY,
        },
        {"visit_id": "3", "unit_code": "A", "mode_source_code": "R71", "visit_on": DAY},
    ]
    publish(tmp_path, [], Incoming(record(1, 1), brought(visit_rows(rows))))
    found = (
        Warehouse(tmp_path)
        .current()
        .rows("SELECT service, mode, mode_code, client_contact, unit, area FROM visits ORDER BY visit_id")
    )
    assert found == [
        ("primary_care", "other", None, True, "A", "18"),
        ("?Uusi", "remote", "R52", True, "A", "18"),
        (None, "other", "R71", False, "A", "18"),
    ]
    assert Warehouse(tmp_path).current().rows("SELECT unit, area, name_fi FROM units") == [
        ("A", "18", "Asema")
    ]


def test_adjoining_coverage_is_one_stretch(tmp_path: Path) -> None:
    loads = [record(1, 40, window=(0, 5)), record(2, 41, window=(6, 9)), record(3, 42, window=(20, 21))]
    done: list[LoadRecord] = []
    for load in loads:
        row = {"visit_id": load.load_id, "unit_code": "A", "visit_on": load.window_from}
        publish(tmp_path, done, Incoming(load, brought(visit_rows([row]))))
        done.append(load)
    found = (
        Warehouse(tmp_path).current().rows("SELECT unit, first_on, last_on FROM covered ORDER BY first_on")
    )
    assert found == [
        ("A", DAY, DAY + timedelta(days=9)),
        ("A", DAY + timedelta(days=20), DAY + timedelta(days=21)),
    ]
