"""A file that was loaded with a wrong mapping and is loaded again with the corrected one: it takes the place of the first."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import NotPossible, withdraw, withdrawal
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import load_mapping
from pipelines.mapping.source import Source
from pipelines.settings import Settings, load_settings
from tests.pipelines.test_crash import KILLED, UNIX, run
from tests.pipelines.test_history import content

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
#: Of another delivery of the same source: some rows of it are corrected by the file.
BEFORE = "nro;muu;u;v;k\n1;A;KOK;1.3.2025;1\n2;B;KOK;2.3.2025;1\n9;Z;KAN;3.3.2025;1\n"
FILE = "nro;muu;u;v;k\n1;A;KOK;10.3.2025;1\n2;B;KOK;11.3.2025;2\n3;C;UUSI;12.3.2025;1\n"
RIGHT = """
name = "uusi"
dataset = "visits"
columns = { visit_id = "nro", unit_code = "u", visit_on = "v", urgency_code = "k" }
constants = { state_code = "realised", service_code = "primary_care" }
values.urgency = { 1 = "non_urgent", 2 = "urgent" }
"""
WRONG = {
    "another key": RIGHT.replace('"nro"', '"muu"'),
    "another day": RIGHT.replace('visit_on = "v"', 'visit_on = "v", assessed_on = "v"'),
    "another meaning": RIGHT.replace('2 = "urgent"', '2 = "emergency"'),
    "rows left out": RIGHT.replace("columns =", 'where = { column = "u", is = ["KOK"] }\ncolumns ='),
    "another dataset": """
name = "uusi"
dataset = "referrals"
columns = { referral_id = "nro", unit_code = "u", received_on = "v" }
constants = { service_code = "primary_care" }
""",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


@pytest.fixture
def mapping(tmp_path: Path) -> Callable[[str], Source]:
    def write(text: str) -> Source:
        path = tmp_path / "oma.toml"
        path.write_text(text, encoding="utf-8")
        return load_mapping(path)

    return write


def load(settings: Settings, source: Source, data: str = FILE, name: str = "k_20250331.csv") -> LoadReport:
    options = LoadOptions(mapping=source)
    return load_bytes(name, data.encode(), options, settings, now=NOW, today=TODAY)


def rows_of(settings: Settings) -> dict[str, list[tuple]]:
    """Every data table without the number of the load, which is another where a load came between."""
    snapshot = published_snapshot(settings)
    return {
        table: snapshot.rows(f"SELECT COLUMNS(lambda c: c <> 'load_id') FROM {table} ORDER BY ALL")
        for table in content(settings)
    }


@pytest.mark.parametrize("wrong", WRONG)
def test_a_corrected_mapping_takes_effect_as_if_the_wrong_one_had_never_been(
    wrong: str, settings: Settings, mapping: Callable[[str], Source], tmp_path: Path
) -> None:
    alone = replace(settings, warehouse=tmp_path / "alone")
    for one in (settings, alone):
        load(one, mapping(RIGHT), BEFORE, "k_20250310.csv")
    first = load(settings, mapping(WRONG[wrong]))
    after_first = content(settings)
    told = inspect_bytes(
        "k_20250331.csv", FILE.encode(), LoadOptions(mapping=mapping(RIGHT)), settings, today=TODAY
    )
    second, without = load(settings, mapping(RIGHT)), load(alone, mapping(RIGHT))
    assert [r.status for r in (first, second, without)] == ["loaded"] * 3
    assert "load_replaced" in [f.code for f in second.findings]
    assert (told.rows_new, told.rows_changed, told.rows_removed) == (
        second.rows_new,
        second.rows_changed,
        second.rows_removed,
    )
    assert rows_of(settings) == rows_of(alone)
    assert [r.status for r in loads(published_snapshot(settings))] == ["loaded", "set_aside", "loaded"]
    before = content(settings)
    rebuild(settings, now=NOW)
    assert content(settings) == before

    assert load(settings, mapping(RIGHT)).status == "unchanged"
    foretold = withdrawal(settings, second.load_id)
    assert foretold.demo_returns == 0
    withdraw(settings, second.load_id, now=NOW)
    assert content(settings) == after_first
    rebuild(settings, now=NOW)
    assert content(settings) == after_first


def test_the_effect_of_another_key_is_told_against_what_is_published(
    settings: Settings, mapping: Callable[[str], Source]
) -> None:
    load(settings, mapping(WRONG["another key"]))
    second = load(settings, mapping(RIGHT))
    assert (second.rows_new, second.rows_changed, second.rows_removed) == (3, 0, 3)
    # A third one takes the place of both, and gives it back to the second.
    third = load(settings, mapping(WRONG["another day"]))
    assert [r.status for r in loads(published_snapshot(settings))] == ["loaded", "set_aside", "set_aside"]
    withdraw(settings, third.load_id, now=NOW)
    assert [r.status for r in loads(published_snapshot(settings))] == ["withdrawn", "loaded", "set_aside"]


def test_a_mapping_that_says_the_same_in_other_words_changes_nothing(
    settings: Settings, mapping: Callable[[str], Source]
) -> None:
    load(settings, mapping(RIGHT))
    assert load(settings, mapping(RIGHT + 'titles = { fi = "Uusi" }\n')).status == "unchanged"


def test_a_load_that_cannot_be_taken_back_is_not_replaced(
    settings: Settings, mapping: Callable[[str], Source]
) -> None:
    settings = replace(settings, withdrawable_loads=1)
    load(settings, mapping(WRONG["another key"]))
    load(settings, mapping(RIGHT), BEFORE, "k_20250310.csv")
    before = content(settings)
    with pytest.raises(NotPossible, match="000001 can no longer be withdrawn"):
        load(settings, mapping(RIGHT))
    assert content(settings) == before


@UNIX
@pytest.mark.parametrize(
    ("module", "function", "when", "counts"),
    [
        ("pipelines.warehouse.archive", "write_pending", "after", False),
        ("pipelines.warehouse.swap_version", "point_to", "before", False),
        ("pipelines.warehouse.swap_version", "point_to", "after", True),
    ],
)
def test_a_killed_replacement_counts_wholly_or_not_at_all(
    module: str, function: str, when: str, counts: bool, settings: Settings, mapping, tmp_path: Path
) -> None:
    load(settings, mapping(WRONG["another key"]))
    before = content(settings)
    mapping(RIGHT)
    path = tmp_path / "k_20250331.csv"
    path.write_text(FILE, encoding="utf-8")
    words = ("load", str(path), "--mapping", str(tmp_path / "oma.toml"))
    killed: subprocess.CompletedProcess[str] = run(
        settings, "-c", KILLED, module, function, when, "1", *words
    )
    assert killed.returncode == -9, killed.stderr
    ids = [key for (key,) in published_snapshot(settings).rows("SELECT visit_id FROM visits ORDER BY 1")]
    assert ids == (["1", "2", "3"] if counts else ["A", "B", "C"])
    if not counts:
        assert content(settings) == before
    assert load(settings, mapping(RIGHT)).status == ("unchanged" if counts else "loaded")
