"""Files of a warehouse that are not what their name says, or that no version of the software made.

What a program that copies files leaves (`… (1).parquet`, notes) is none of the archive. A file of another load, a folder in
a file's place, and a text that cannot be read are named; after the remedy that is told the next load works.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.settings import load_settings
from pipelines.warehouse import build as state
from tests.pipelines.extracts import visit, visits

NOW, TODAY = datetime(2025, 4, 10, 8, 0), date(2025, 4, 10)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loads of ten visits, of the first a row set aside; a third load withdrawn."""
    folder = tmp_path_factory.mktemp("made") / "warehouse"
    own = replace(load_settings({}), warehouse=folder)
    for at in range(3):
        rows = [visit(10 * at + n) for n in range(1, 11)]
        if at == 0:
            rows += [visit(n) for n in range(100, 130)] + [visit(99, visit="31.2.2025")]
        load_bytes(f"kaynnit_2025040{at + 1}.csv", visits(*rows), LoadOptions(), own, now=NOW, today=TODAY)
    withdraw(own, "000003", now=NOW)
    return folder


@pytest.fixture
def warehouse(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "warehouse")
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "en")
    return tmp_path / "warehouse"


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def next_load(warehouse: Path) -> tuple[int, str]:
    path = warehouse.parent / "kaynnit_20250409.csv"
    path.write_bytes(visits(*(visit(n) for n in range(200, 211))))
    return run("load", path)


def copy(name: str, to: str) -> Callable[[Path], object]:
    return lambda archive: shutil.copyfile(archive / name, archive / to)


@pytest.mark.parametrize(
    "put",
    [
        copy("000001-visits.parquet", "000001-visits (1).parquet"),
        copy("000001-visits.parquet", "x-visits.parquet"),
        copy("000001-visits.parquet", "kopio 000001-visits.parquet"),
        lambda archive: (archive / "muistio.txt").write_text("x"),
        lambda archive: (archive / "000009-visits.parquet.bak").write_text("x"),
    ],
)
def test_what_is_none_of_the_archive_is_left_alone(warehouse: Path, put: Callable[[Path], object]) -> None:
    put(warehouse / "archive")
    assert "archive" not in run("check")[1]
    assert run("rebuild") == (0, "The warehouse has been made again from the archive: 2 loads.\n")
    assert run("rebuild", "--accept-loss") == (
        0,
        "The warehouse has been made again from the archive: 2 loads.\n",
    )
    assert next_load(warehouse)[0] == 0


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("000001-visits.parquet", copy("000002-visits.parquet", "000001-visits.parquet")),
        ("000009-visits.parquet", copy("000001-visits.parquet", "000009-visits.parquet")),
        ("000001-queue.parquet", copy("000001-visits.parquet", "000001-queue.parquet")),
        (
            "000003-withdrawn.json",
            lambda archive: (archive / "000003-withdrawn.json").write_text("[" * 100_000),
        ),
        (
            "000003-withdrawn.json",
            lambda archive: (archive / "000003-withdrawn.json").write_text('{"record": []}'),
        ),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_damaged(
    warehouse: Path, name: str, damage: Callable[[Path], object]
) -> None:
    damage(warehouse / "archive")
    code, said = run("check")
    assert (code, name in said) == (1, True)
    code, said = run("rebuild")
    assert (code, name in said, "--accept-loss" in said) == (3, True, True)
    assert run("rebuild", "--accept-loss")[0] == 0
    assert (warehouse / "damaged" / name).exists()
    assert next_load(warehouse)[0] == 0


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [to_folder, lambda path: path.write_bytes(path.read_bytes()[:99])])
def test_damaged_rows_set_aside_are_named_and_keep_nothing_from_being_rebuilt(
    warehouse: Path, damage: Callable[[Path], object]
) -> None:
    path = warehouse / "quarantine" / "000001.parquet"
    damage(path)
    code, said = run("check")
    assert (code, "000001.parquet" in said) == (1, True)
    assert run("quarantine", "1")[0] == 3
    assert run("rebuild")[0] == 0
    assert next_load(warehouse)[0] == 0


@pytest.mark.parametrize("name", ["CURRENT.new", "write.lock"])
def test_a_folder_where_a_file_is_written_is_named(warehouse: Path, name: str) -> None:
    if (warehouse / name).exists():
        (warehouse / name).unlink()
    (warehouse / name).mkdir()
    code, said = next_load(warehouse)
    assert (code, name in said) == (3, True)
    (warehouse / name).rmdir()
    assert next_load(warehouse)[0] == 0


def test_decisions_that_cannot_be_read_are_named(warehouse: Path) -> None:
    (warehouse / "master").mkdir()
    (warehouse / "master" / "edits.jsonl").write_text("[" * 100_000 + "\n")
    code, said = run("check")
    assert (code, "edits.jsonl" in said) == (1, True)
    assert next_load(warehouse)[0] == 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (duckdb.TransactionException('Failed to commit: "x": No space left on device'), "the disk is full"),
        (duckdb.IOException('Could not write file "x": No space left on device'), "the disk is full"),
        (duckdb.FatalException("database has been invalidated"), "database has been invalidated"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
    ],
)
def test_a_disk_that_is_full_at_any_moment_of_writing_is_called_so(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(state, "publish_codes", fail)
        for words in (["rebuild"], ["withdraw", "2"]):
            code, said = run(*words)
            assert (code, reason in said) == (3, True)
        code, said = next_load(warehouse)
        assert (code, reason in said) == (3, True)
    assert not list((warehouse / "versions").glob("*.building*"))
    assert next_load(warehouse)[0] == 0
