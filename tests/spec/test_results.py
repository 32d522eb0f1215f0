"""The results folder, read back as Power BI and Excel read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from indicators.answers import answer
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.errors import UsageError
from indicators.cli import app
from indicators.engine.question import Question
from indicators.results.folder import ABOUT, FORMATS, check_place, results, write_results
from indicators.results.values import LEVELS, Audience
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app as pipelines_app
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import queue, queue_entry, visit, visits

NOW, AS_OF = datetime(2026, 1, 2, 8, 0), date(2026, 1, 2)
TABLES = {*(f"values_by_{level}" for level in LEVELS), "targets", "indicators", "areas", "units", "services"}
TABLES |= {"periods", ABOUT}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of twelve visits in two units, three of them in one, and a queue."""
    made = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("results") / "warehouse")
    other = {"unit": "TK-KAN-01"}
    rows = [visit(at) for at in range(9)] + [visit(at, **other) for at in range(9, 12)]
    extracts = {"kaynnit.csv": visits(*rows), "jono.csv": queue(queue_entry(1), queue_entry(2))}
    for name, data in extracts.items():
        report = load_bytes(name, data, LoadOptions(as_of=AS_OF), made, now=NOW, today=AS_OF)
        assert report.status == "loaded"
    return made


@pytest.fixture(scope="module", params=[False, True], ids=["shareable", "internal"])
def written(request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory):
    """The audience, the folder written for it, and its tables before they were written."""
    audience, folder = Audience(request.param), tmp_path_factory.mktemp("out") / "results"
    tables = results(Warehouse(settings.warehouse).current(), settings, as_of=AS_OF, audience=audience)
    write_results(folder, tables)
    return audience, folder, tables


def test_every_table_is_there_as_parquet_and_csv_and_nothing_else(written) -> None:
    _audience, folder, tables = written
    assert set(tables) == TABLES
    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{kind}" for name in TABLES for kind in FORMATS
    }
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["results"]


def test_parquet_read_by_duckdb_and_csv_read_by_pandas_say_the_same(written) -> None:
    _audience, folder, _tables = written
    for level in LEVELS:
        parquet = duckdb.sql(f"SELECT * FROM '{folder}/values_by_{level}.parquet'").df()
        text = pd.read_csv(folder / f"values_by_{level}.csv", dtype={level: "str", "period": "str"})
        assert list(parquet.columns) == list(text.columns)
        assert parquet["value"].tolist() == pytest.approx(text["value"].tolist(), nan_ok=True)
        assert parquet["status"].tolist() == text["status"].tolist()
        starts = pd.to_datetime(text["period_start"])
        assert (pd.to_datetime(parquet["period_start"]) == starts).all()


def test_types_are_those_of_the_values(written) -> None:
    _audience, folder, _tables = written
    kinds = dict(
        duckdb.sql(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{folder}/values_by_unit.parquet')"
        ).fetchall()
    )
    assert kinds["period_start"] == kinds["period_end"] == "DATE"
    assert kinds["value"] == kinds["numerator"] == kinds["low"] == "DOUBLE"
    assert kinds["demo"] == kinds["known"] == kinds["complete"] == "BOOLEAN"
    assert kinds["unit"] == kinds["indicator"] == "VARCHAR"


def test_a_share_of_too_few_records_is_marked_as_not_known(settings: Settings) -> None:
    snapshot, audience = Warehouse(settings.warehouse).current(), Audience(internal=True)
    strict = replace(settings, monitoring_min_coverage_pct=100.1)
    for asked, known in ((settings, True), (strict, False)):
        found = results(snapshot, asked, as_of=AS_OF, audience=audience)["values_by_unit"]
        shares = found[(found["indicator"] == "seven_day_access") & found["coverage"].notna()]
        assert len(shares)
        assert set(shares["known"]) == {known}
        assert found.loc[found["indicator"] == "visits", "known"].all()


def test_every_code_of_the_values_is_in_its_dimension_table_once(written) -> None:
    _audience, folder, _tables = written
    for level, table in (("area", "areas"), ("unit", "units"), ("service", "services")):
        values, codes = f"'{folder}/values_by_{level}.parquet'", f"'{folder}/{table}.parquet'"
        assert not duckdb.sql(f"SELECT {level} FROM {values} EXCEPT SELECT {level} FROM {codes}").fetchall()
        for dimension, key in (("indicators", "indicator"), ("periods", "period")):
            listed = f"'{folder}/{dimension}.parquet'"
            assert not duckdb.sql(f"SELECT {key} FROM {values} EXCEPT SELECT {key} FROM {listed}").fetchall()
            assert not duckdb.sql(f"SELECT {key} FROM {listed} GROUP BY {key} HAVING count(*) > 1").fetchall()
        assert not duckdb.sql(f"SELECT {level} FROM {codes} GROUP BY {level} HAVING count(*) > 1").fetchall()


def test_values_are_those_of_the_command_line(written, settings: Settings) -> None:
    audience, folder, _tables = written
    snapshot = Warehouse(settings.warehouse).current()
    for indicator in ("visits", "seven_day_access", "queue_length"):
        question = audience.of(Question(indicator, by="month", area="all", splits=("unit",)))
        expected = answer(snapshot, question, settings).rows
        found = duckdb.sql(
            f"""SELECT unit, period, value, status FROM '{folder}/values_by_unit.parquet'
                WHERE indicator = '{indicator}' AND grain = 'month' AND scope = 'all' ORDER BY period_start, unit"""
        ).df()
        expected = expected[expected["status"] != "no_data"].sort_values(["period_start", "unit"])
        assert len(found) > 0
        assert found["unit"].tolist() == expected["unit"].tolist()
        assert found["value"].tolist() == pytest.approx(expected["value"].tolist(), nan_ok=True)
        assert found["status"].tolist() == expected["status"].tolist()


def test_small_numbers_are_suppressed_unless_it_is_internal(written) -> None:
    audience, folder, _tables = written
    [(value, status)] = duckdb.sql(
        f"""SELECT value, status FROM '{folder}/values_by_unit.parquet'
            WHERE indicator = 'visits' AND grain = 'year' AND unit = 'TK-KAN-01' AND scope = 'all'"""
    ).fetchall()
    assert (value, status == "suppressed") == ((3.0, False) if audience.internal else (None, True))


def test_the_headline_is_a_scope_of_its_own(written) -> None:
    _audience, _folder, tables = written
    scopes = tables["values_by_area"].groupby("indicator")["scope"].unique()
    assert set(scopes["seven_day_access"]) == {"all", "headline"}
    assert set(scopes["visits"]) == {"all"}
    assert "headline" not in set(tables["values_by_service"]["scope"])


def test_definitions_come_with_unit_direction_and_texts(written) -> None:
    _audience, _folder, tables = written
    table = tables["indicators"].set_index("indicator")
    assert set(load_definitions()) <= set(table.index)
    row = table.loc["seven_day_access"]
    assert (row["unit"], row["better"], row["headline_scope"]) == ("percent", "up", "service=primary_care")
    assert row["name_fi"] and row["what_sv"] and row["formula_en"]


def test_the_folder_says_whose_it_is_and_takes_no_other(written) -> None:
    audience, folder, tables = written
    facts = dict(tables[ABOUT].itertuples(index=False))
    assert facts["audience"] == audience.name
    check_place(folder, audience)
    with pytest.raises(UsageError) as error:
        check_place(folder, Audience(not audience.internal))
    assert error.value.code == "results_other_audience"


def test_internal_results_are_closed_to_others(written) -> None:
    audience, folder, _tables = written
    assert (folder.stat().st_mode & 0o077 == 0) is audience.internal


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "budget.xlsx").write_bytes(b"mine")
    with pytest.raises(UsageError) as error:
        check_place(tmp_path, Audience())
    assert error.value.code == "results_not_ours"
    done = CliRunner().invoke(app, ["results", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["budget.xlsx"]


def test_the_folder_is_exchanged_whole(written) -> None:
    _audience, folder, tables = written
    (folder / "left_over.csv").write_text("old", encoding="utf-8")
    write_results(folder, tables)
    assert not (folder / "left_over.csv").exists()
    assert (folder / f"{ABOUT}.parquet").is_file()


def test_without_a_folder_nothing_is_written(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    done = CliRunner().invoke(app, ["results"])
    assert done.exit_code == 2
    assert "results_folder" in done.stderr


def test_each_load_refreshes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    internal = tmp_path / "internal"
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("TAKUUVAHTI_RESULTS_INTERNAL_FOLDER", str(internal))
    versions = []
    for at in (1, 2):
        extract = tmp_path / f"kaynnit_{at}.csv"
        extract.write_bytes(visits(*(visit(10 * at + one) for one in range(3))))
        done = CliRunner().invoke(pipelines_app, ["load", str(extract), "--as-of", "2026-01-02"])
        assert done.exit_code == 0, done.stderr
        versions.append(dict(pd.read_parquet(internal / "about.parquet").itertuples(index=False))["version"])
    assert versions[0] < versions[1]
    exact = pd.read_parquet(internal / "values_by_area.parquet")
    mine = exact[(exact["indicator"] == "visits") & (exact["grain"] == "year") & (exact["area"] == "18")]
    assert mine["value"].tolist() == [6.0]


def test_a_load_says_that_the_folder_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "budget.xlsx").write_bytes(b"mine")
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "en")
    monkeypatch.setenv("TAKUUVAHTI_RESULTS_FOLDER", str(taken))
    extract = tmp_path / "kaynnit.csv"
    extract.write_bytes(visits(visit(1)))
    done = CliRunner().invoke(pipelines_app, ["load", str(extract), "--as-of", "2026-01-02"])
    assert done.exit_code == 0
    assert "The results folder stays as it was" in done.stderr
    assert (taken / "budget.xlsx").read_bytes() == b"mine"
