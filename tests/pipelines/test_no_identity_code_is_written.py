"""Files full of identity codes go in; nothing that is left behind or said holds one of them.

Searched is every byte of the warehouse folder, the text of every Parquet file and of every table of every version
(both are compressed), the reports, what is logged and what is printed, and the errors.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from indicators.catalogue.errors import TakuuvahtiError
from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.findings import LANGUAGES
from pipelines.identity_codes import holds_hetu
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import MappingFault, load_mapping
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import VISIT_HEADER, queue, queue_entry, visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
SIGNS = "-+YXWVUABCDEF"
#: Of the shape of identity codes; serial numbers from 900 belong to nobody.
IDENTITY_CODES = [
    f"{1 + n % 28:02}{1 + n % 12:02}{n % 100:02}{SIGNS[n % 13]}{900 + n % 100}T" for n in range(60)
]


def bad_and_good(**changes: str) -> list[str]:
    """Rows that are loaded, and rows that are set aside for each of the reasons there are."""
    rows = [visit(100 + n, person=code, born="", **changes) for n, code in enumerate(IDENTITY_CODES)]
    person = IDENTITY_CODES[7]
    rows += [
        visit(300, person=person, visit="31.2.2025"),
        visit(301, person=person, visit=""),
        visit(302, person=person, assessed="1.1.1970"),
        visit(303, person=person.lower(), service=""),
        visit(304, person=person),
        visit(304, person=person, unit="TK-KAU-01"),
        visit(305, person=person) + f";{person}",
        visit(306, person=person, born=f"{person[:6]}"),
        visit(307, person=f"{person} Meikäläinen"),
        visit(308, person=f"tuntematon {person}", visit="32.1.2025"),
        visit(309, person=person, assessed="11.3.2025"),
        visit(310, person=person, service="Hieronta"),
        visit(311, person=person),
        visit(311, person=person),
    ]
    return rows


def column_more(rows: list[str], header: str, value: str) -> bytes:
    lines = [f"{VISIT_HEADER};{header}", *(f"{row};{value}" for row in rows if row.count(";") == 16)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


HETU = IDENTITY_CODES[3]
LOADED = {
    "kaynnit_20250401.csv": visits(*bad_and_good()),
    "kaynnit_utf16_20250402.csv": ("\ufeff" + visits(*bad_and_good()).decode("cp1252")).encode("utf-16-le"),
    "kaynnit_20250403.csv.gz": gzip.compress(visits(*bad_and_good(unit="TK-KAU-01"))),
    "jono.csv": queue(*(queue_entry(n, person=code, born="") for n, code in enumerate(IDENTITY_CODES))),
}
REFUSED = {
    "yksikossa.csv": visits(*bad_and_good(unit_name=f"Kokkola {HETU}")),
    "koodina.csv": visits(*bad_and_good(service=HETU)),
    "paivana.csv": visits(*bad_and_good(visit=HETU)),
    "tunnuksena.csv": visits(visit(HETU, person="P1")),
    "ohitetussa.csv": column_more(bad_and_good(), "Lisätieto", f"soita {HETU} tai {HETU.lower()}"),
    "nimettomassa.csv": column_more(bad_and_good(), "", HETU),
    "otsikossa.csv": column_more(bad_and_good(), HETU, "x"),
    "ilman_otsikkoa.csv": visits(*bad_and_good()).split(b"\r\n", 1)[1],
    "outo.csv": f"a;b\r\n{HETU};{HETU}\r\n".encode(),
    "kahdesti.csv": column_more(bad_and_good(), "Potilas", HETU),
    "vajaa.csv": ("\r\n".join([VISIT_HEADER[:-5], *(row.rpartition(";")[0] for row in bad_and_good())])).encode("cp1252"),
    "auki.csv": visits(*bad_and_good()).replace(HETU.encode(), b'"' + HETU.encode(), 1),
    f"{HETU}.csv": visits(visit(1)),
    "nollia.csv": visits(*bad_and_good()).replace(b"TK-KOK", b"\0TK-KOK"),
    "vaara_merkisto.csv": b"\xff\xfe" + visits(*bad_and_good()) + b"x",
    "kaikki_pielessa.csv": visits(*(visit(n, person=code, visit="eilen") for n, code in enumerate(IDENTITY_CODES))),
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def told(report: LoadReport) -> Iterator[str]:
    yield repr(replace(report, file="") if holds_hetu(report.file) else report)
    for language in LANGUAGES:
        yield json.dumps({**report.to_dict(language), "file": ""}, ensure_ascii=False, default=str)


def texts_on_disk(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything under the folder as text, decompressed where it is compressed."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield str(path), data.decode("latin-1")
        yield f"{path} as UTF-16", data.decode("utf-16-le", errors="ignore")
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            yield f"{path} rows", "\n".join(map(str, table.to_pylist()))
            yield f"{path} head", str(table.schema.metadata)
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    yield (
                        f"{path} {name}",
                        "\n".join(map(str, connection.execute(f'FROM "{name}"').fetchall())),
                    )


def assert_no_identity_code(text: str, where: str) -> None:
    # Not by shape: a pseudonym of 32 hexadecimal digits may have it by chance, but never ends in T.
    upper = text.upper()
    assert not [code for code in IDENTITY_CODES if code in upper], where


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT ? AS person FROM range(100000)", [HETU])
    found = [where for where, text in texts_on_disk(tmp_path) if HETU in text]
    assert any(where.endswith(" t") for where in found)
    with pytest.raises(AssertionError):
        assert_no_identity_code(f"x{HETU.lower()}", "here")


def test_nothing_written_logged_or_said_holds_an_identity_code(
    settings: Settings, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    statuses: dict[str, str] = {}
    for name, data in {**LOADED, **REFUSED}.items():
        for force in (False, True):
            options = LoadOptions(force=force)
            try:
                said += told(inspect_bytes(name, data, options, settings, today=TODAY))
                report = load_bytes(name, data, options, settings, now=NOW, today=TODAY)
            except TakuuvahtiError as error:
                said += [repr(error), str(error.__cause__), str(error.__context__)]
                continue
            said += told(report)
            statuses[name] = report.status
    assert not [name for name in LOADED if statuses[name] not in ("loaded", "unchanged")]
    forced = {"auki.csv", "kaikki_pielessa.csv"}
    assert {name for name in REFUSED if statuses.get(name) != "refused"} <= forced
    out, err = capfd.readouterr()
    for text in (*said, out, err, caplog.text):
        assert_no_identity_code(text, text[:200])
    assert not [text[:200] for text in said if holds_hetu(text)]
    parquet = [path for path in settings.warehouse.rglob("*.parquet") if path.parent.name == "quarantine"]
    assert parquet, "some rows were set aside"
    for where, text in texts_on_disk(settings.warehouse):
        assert_no_identity_code(text, where)


def test_the_command_line_says_none_either(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, data in {**LOADED, **REFUSED}.items():
        if not holds_hetu(name):
            (inbox / name).write_bytes(data)
    environment = os.environ | {"TAKUUVAHTI_WAREHOUSE": str(settings.warehouse), "PYTHONWARNINGS": "default"}
    for words in (
        ["load", str(inbox)],
        ["load", str(inbox / "kaikki_pielessa.csv"), "--force", "--json"],
        ["loads", "--json"],
        ["check"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            timeout=300,
        )
        output = done.stdout.decode("utf-8") + done.stderr.decode("utf-8")
        assert "Traceback" not in output
        assert output
        assert_no_identity_code(output, str(words))
    for where, text in texts_on_disk(settings.warehouse):
        assert_no_identity_code(text, where)


MAPPING = """
dataset = "queue_counts"
name = "NAME"
[columns]
snapshot_on = "päivä"
waiting = "määrä"
[constants]
area = "18"
service = "primary_care"
unit = "UNIT"
"""


@pytest.mark.parametrize("name", ["jonot", "KOK 131052\u2013308T"])
@pytest.mark.parametrize("unit", ["KOK-01", "131052\u00ad308T"])
def test_a_mapping_brings_none(settings: Settings, tmp_path: Path, name: str, unit: str) -> None:
    """What a mapping says is stored with its loads: its name in the history, its constants in every row."""
    path = tmp_path / "jonot.toml"
    path.write_text(MAPPING.replace("NAME", name).replace("UNIT", unit))
    if (name, unit) == ("jonot", "KOK-01"):
        assert load_mapping(path).name == "jonot"
        return
    with pytest.raises(MappingFault) as caught:
        load_mapping(path)
    assert "personal identity code" in str(caught.value)
    assert not holds_hetu(caught.value.message("fi"))


@pytest.mark.parametrize("sign", [*"-\u2010\u2011\u2013\u2014\u2212\uff0d\u00ad~_/.:\u2009\u202f"])
@pytest.mark.parametrize("column", ["unit", "unit_name", "service", "profession", "municipality"])
def test_codes_with_any_dash_are_refused_in_every_column(settings: Settings, column: str, sign: str) -> None:
    rows = [*(visit(n) for n in range(1, 40)), visit(99, **{column: f"131052{sign}308T"})]
    data = ("\r\n".join([VISIT_HEADER, *rows]) + "\r\n").encode()
    report = inspect_bytes("kaynnit_20250401.csv", data, LoadOptions(), settings, today=TODAY)
    assert (report.status, [f.code for f in report.findings if f.level == "file"]) == (
        "refused",
        ["person_id_in_wrong_place"],
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["load", "FILE", "--area", "131052\u2013308T"],
        ["load", "FILE", "--source", "131052-308T"],
        ["load", "FILE", "--mapping", "puuttuu 131052-308T.toml"],
        ["inspect", "131052-308T.csv"],
        ["withdraw", "131052-308T"],
        ["quarantine", "131052 308T"],
    ],
)
def test_what_was_typed_is_told_without_a_code(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    path = tmp_path / "kaynnit_20250401.csv"
    path.write_bytes(visits(visit(1)))
    load_bytes(path.name, path.read_bytes(), LoadOptions(), settings, now=NOW, today=TODAY)
    result = CliRunner().invoke(app, [str(path) if one == "FILE" else one for one in arguments])
    assert result.exit_code == 2
    assert "***" in result.output
    assert not holds_hetu(result.output)
