"""What is taken out: as a Finnish spreadsheet reads it, with the same hidden numbers, and logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st

from indicators.catalogue.definition import definition
from indicators.wording.translations import in_language
from pages.text.tables import Cell, Table, answer_table, csv_bytes
from pages.ui import downloads
from pipelines.settings import Settings
from tests.pages.opening import opened
from tests.pages.test_charts import rows

SEVEN_DAYS = definition("seven_day_access")


def test_the_file_has_semicolons_commas_and_the_readers_headings() -> None:
    with in_language("sv"):
        written = answer_table(rows("ok", "suppressed"), SEVEN_DAYS).csv()
    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Period;Vård inom 7 dagar, %;Täljare;n;Täckning, %;Status"
    assert lines[1] == "2025-W11;;;100;80;dold"
    assert lines[2] == "2025-W10;70;70;100;80;fullständig"


def test_a_hidden_number_is_in_no_field() -> None:
    with in_language("fi"):
        table = answer_table(rows("suppressed"), SEVEN_DAYS)
    assert [cell.plain for cell in table.rows[0]][1:3] == [None, None]


def test_without_a_column_of_statuses_the_word_stands_in_the_numbers_place() -> None:
    cells = (
        Cell("Kannus", "Kannus"),
        Cell("■ peitetty", None),
        Cell("0", 0),
    )
    table = Table(("Yksikkö", "Jonossa", "Oma toive"), (cells,), (False, True, True))
    assert table.csv().decode("utf-8-sig").split("\r\n")[1] == "Kannus;■ peitetty;0"


def test_a_name_cannot_become_a_formula() -> None:
    assert csv_bytes(["=a"], [["@b"], ["+1"], [-1.5]]).decode("utf-8-sig").split("\r\n")[:4] == [
        "'=a",
        "'@b",
        "'+1",
        "-1,5",
    ]


def test_the_log_says_who_took_what_and_no_data(tmp_path: Path) -> None:
    downloads.Taker(tmp_path, "reader@example.fi", "shareable").log(
        "care_guarantee", "seven_day_access by week", 27
    )
    logging.shutdown()
    line = (tmp_path / downloads.LOG_FILE).read_text(encoding="utf-8").strip()
    when, *rest = line.split("\t")
    assert rest == ["reader@example.fi", "care_guarantee", "seven_day_access by week", "27"]
    assert len(when) == len("2026-01-02T08:00:00+0200")


def test_a_folder_that_cannot_be_written_does_not_stop_the_download(tmp_path: Path, capsys) -> None:
    downloads.Taker(tmp_path / "gone", "-", "internal").log("care_guarantee", "what", 1)
    assert "care_guarantee\twhat\t1" in capsys.readouterr().err


@pytest.mark.parametrize(("page", "word"), [("queues", "Anmärkning"), ("upload", "Laddningens nummer")])
def test_a_file_is_in_the_language_of_the_page_that_offered_it(
    page: str, word: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit asks for it in a thread of its own, in which nobody speaks any language."""
    offered: list[Callable[[], bytes]] = []
    with monkeypatch.context() as patched:
        patched.setattr(
            st,
            "download_button",
            lambda *_, data, mime, **__: offered.append(data) if mime == "text/csv" else None,
        )
        opened(page, demo_settings, patched, "sv")
        with ThreadPoolExecutor() as pool:
            headings = [pool.submit(file).result().splitlines()[0].decode("utf-8-sig") for file in offered]
    assert headings
    assert all(word in heading for heading in headings if page == "queues")
    assert any(word in heading for heading in headings)
