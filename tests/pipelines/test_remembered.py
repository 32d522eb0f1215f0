"""Mappings that are offered again: the one used last whose columns a file has, without identity codes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.mapping.files import parse_mapping
from pipelines.mapping.remembered import FOLDER, mapping_for, remember
from pipelines.reading.unpacking import Limits

LIMITS = Limits(1 << 20, 1 << 20)
MAPPING = """
name = "{name}"
dataset = "visits"
columns = {{ visit_id = "nro", unit_code = "{unit}", visit_on = "kaynti" }}
constants = {{ state_code = "realised", service_code = "primary_care" }}
"""
FILE = b"nro;yksikko;kaynti\n1;TK;1.4.2026\n"


def used(folder: Path, name: str, unit: str, second: int, note: str = "") -> None:
    text = MAPPING.format(name=name, unit=unit) + note
    remember(folder, parse_mapping(text.encode(), "m.toml"), text)
    for path in (folder / FOLDER).glob("*.toml"):
        if f'"{name}"' in path.read_text(encoding="utf-8"):
            os.utime(path, (second, second))


def test_the_mapping_used_last_that_fits_is_offered(tmp_path: Path) -> None:
    assert mapping_for(tmp_path, FILE, LIMITS) is None
    used(tmp_path, "eka", "yksikko", 1000)
    used(tmp_path, "toka", "yksikko", 2000)
    used(tmp_path, "muu", "toimipiste", 3000)
    assert mapping_for(tmp_path, FILE, LIMITS).source == "toka"
    used(tmp_path, "eka", "yksikko", 4000, "# korjattu\n")
    again = mapping_for(tmp_path, FILE, LIMITS)
    assert again.source == "eka" and again.text.endswith("# korjattu\n")
    assert mapping_for(tmp_path, b"a;b\n1;2\n", LIMITS) is None
    assert mapping_for(tmp_path, b"\x00\x01", LIMITS) is None


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_file_of_many_rows_is_recognised_by_its_first_ones(tmp_path: Path, encoding: str) -> None:
    used(tmp_path, "eka", "yksikkö", 1000)
    data = ("nro;yksikkö;kaynti\n" + "1;Ähtäri;1.4.2026\n" * 20_000).encode(encoding)
    assert mapping_for(tmp_path, data, LIMITS).source == "eka"


def test_no_identity_code_of_a_comment_is_stored(tmp_path: Path) -> None:
    used(tmp_path, "eka", "yksikko", 1000, "# Matti 131052-308T\n")
    assert "131052" not in mapping_for(tmp_path, FILE, LIMITS).text


def test_a_damaged_mapping_is_passed_over(tmp_path: Path) -> None:
    used(tmp_path, "eka", "yksikko", 1000)
    (tmp_path / FOLDER / "rikki.toml").write_bytes(b"\xff[")
    assert mapping_for(tmp_path, FILE, LIMITS).source == "eka"


def test_the_command_line_remembers_as_the_page_does(tmp_path: Path) -> None:
    mapping, data, warehouse = tmp_path / "m.toml", tmp_path / "k.csv", tmp_path / "warehouse"
    mapping.write_text(MAPPING.format(name="eka", unit="yksikko"), encoding="utf-8")
    data.write_bytes(FILE)
    done = CliRunner().invoke(
        app,
        [
            "load",
            str(data),
            "--mapping",
            str(mapping),
            "--as-of",
            "2026-04-02",
            "--warehouse",
            str(warehouse),
        ],
    )
    assert done.exit_code == 0, done.output
    assert mapping_for(warehouse, FILE, LIMITS).source == "eka"
