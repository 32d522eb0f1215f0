"""A warehouse and an archive of an older structure: they open, grow and are made again; what they lack is unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw, withdrawal
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.reader import current_version_path
from tests.pipelines.extracts import VISIT_HEADER, visit, visits
from tests.pipelines.unsegmented import make_unsegmented

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
#: The columns of row-level data that structure 2 did not have.
NEW = {
    "visits": (*("over_75", "with_referral_code", "producer_code", "with_referral", "producer"),),
    "queue": ("over_75",),
    "referrals": ("over_75",),
    "cases": (
        *("over_75", "special_support_code", "care_allowance_code", "special_support", "care_allowance"),
    ),
}
WITH_PRODUCER = "\r\n".join([f"{VISIT_HEADER};Tuottaja", f"{visit(3)};Ostettu", ""]).encode("cp1252")
PRODUCERS = "SELECT visit_id, producer, with_referral, over_75 FROM visits ORDER BY 1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse of one load of two visits, as structure 2 would have written it."""
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(own, visits(visit(1), visit(2)))
    make_unsegmented(own)
    with duckdb.connect(current_version_path(own.warehouse)) as connection:
        for table, columns in NEW.items():
            for column in columns:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    for path in (own.warehouse / "archive").glob("*-visits.parquet"):
        head, table = pq.read_schema(path).metadata, pq.read_table(path)
        older = table.drop_columns([name for name in NEW["visits"] if name in table.column_names])
        with pq.ParquetWriter(path, older.schema, store_schema=False) as writer:
            writer.write_table(older)
            writer.add_key_value_metadata(head)
    return own


def load(own: Settings, data: bytes, name: str = "kaynnit.csv") -> LoadReport:
    options = LoadOptions(as_of=date(2025, 4, 1))
    report = load_bytes(name, data, options, own, now=NOW, today=TODAY)
    assert report.status == "loaded", report.findings
    return report


def read(own: Settings, sql: str = PRODUCERS) -> list[tuple]:
    return published_snapshot(own).rows(sql)


def test_it_is_read_and_what_it_lacks_is_unknown(settings: Settings) -> None:
    assert read(settings) == [("1", None, None, None), ("2", None, None, None)]
    assert read(settings, "SELECT count(*), count(special_support) FROM cases") == [(0, 0)]
    assert published_snapshot(settings).meta("schema_version") == "2"


def test_a_load_makes_it_one_of_today(settings: Settings) -> None:
    inspected = inspect_bytes(
        "uusi.csv", WITH_PRODUCER, LoadOptions(as_of=date(2025, 4, 2)), settings, today=TODAY
    )
    assert (inspected.rows_new, inspected.rows_changed) == (1, 0)
    report = load(settings, WITH_PRODUCER, "uusi.csv")
    assert (report.rows_new, report.rows_changed, report.rows_removed) == (1, 0, 0)
    assert published_snapshot(settings).meta("schema_version") == "4"
    assert read(settings) == [("1", None, None, None), ("2", None, None, None), ("3", "bought", None, False)]


def test_it_is_made_again_from_its_archive(settings: Settings) -> None:
    before = read(settings, "SELECT visit_id, visit_on, age_band FROM visits ORDER BY 1")
    rebuild(settings, now=NOW)
    assert published_snapshot(settings).meta("schema_version") == "4"
    assert read(settings, "SELECT visit_id, visit_on, age_band FROM visits ORDER BY 1") == before
    assert read(settings) == [("1", None, None, None), ("2", None, None, None)]


def test_a_load_of_today_is_withdrawn_from_it(settings: Settings) -> None:
    report = load(settings, WITH_PRODUCER, "uusi.csv")
    ((dataset, effect),) = withdrawal(settings, report.load_id).effects
    assert (dataset, effect.removed, effect.changed) == ("visits", 1, 0)
    withdraw(settings, report.load_id, now=NOW)
    assert read(settings) == [("1", None, None, None), ("2", None, None, None)]


def test_loading_the_same_file_again_fills_what_it_did_not_know(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    report = load(settings, visits(visit(1), visit(2)))
    assert (report.rows_new, report.rows_changed, report.rows_removed) == (0, 2, 0)
    assert read(settings) == [("1", None, None, False), ("2", None, None, False)]
    again = load_bytes(
        *("kaynnit.csv", visits(visit(1), visit(2)), LoadOptions(as_of=date(2025, 4, 1)), settings),
        now=NOW,
        today=TODAY,
    )
    assert again.status == "unchanged"
