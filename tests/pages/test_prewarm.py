"""The server opens every page once after a publication: what it asks for, and that a real server answers."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.server import ServerConnection, serve

from pages.ui.page_registry import ENTRIES
from pages.ui.prewarm import open_what_is_new, visit
from pipelines.loading.setup import set_up
from pipelines.settings import Settings, load_settings
from tests.browser.conftest import serving
from tests.conftest import NOW, TODAY
from tests.rules.repository import ROOT

PAGES = [(entry.name, "kieli=fi") for entry in ENTRIES]


@pytest.fixture
def asked() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that notes the pages it is asked for and says at once that they are finished: its address, its notes."""
    notes: list[tuple[str, str]] = []

    def answer(wire: ServerConnection) -> None:
        request = BackMsg()
        request.ParseFromString(wire.recv(decode=False))
        notes.append((request.rerun_script.page_name, request.rerun_script.query_string))
        finished = ForwardMsg()
        finished.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
        wire.send(finished.SerializeToString())

    with serve(answer, "localhost", 0, select_subprotocol=lambda _wire, offered: offered[0]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"localhost:{server.socket.getsockname()[1]}", notes


def test_every_page_is_opened_once_for_a_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: tuple[str, list[tuple[str, str]]]
) -> None:
    address, notes = asked
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    assert open_what_is_new(address, None) is None
    assert notes == []
    set_up(settings, demo=False, today=TODAY, now=NOW, loaded_by="tests")
    first = open_what_is_new(address, None)
    assert notes == PAGES
    assert open_what_is_new(address, first) == first
    assert notes == PAGES
    set_up(settings, demo=True, scale="small", today=TODAY, now=NOW, loaded_by="tests")
    second = open_what_is_new(address, first)
    assert second != first
    assert notes == PAGES * 2
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "sv")
    open_what_is_new(address, second)
    assert notes[-1] == (ENTRIES[-1].name, "kieli=sv")


def test_a_server_that_does_not_answer_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    assert open_what_is_new("localhost:1", None) is not None


def test_a_warehouse_that_cannot_be_read_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path))
    (tmp_path / "CURRENT").mkdir()
    assert open_what_is_new("localhost:1", None) is None


def test_what_is_imported_is_not_looked_through_for_garbage_again() -> None:
    code = """
import gc, time
from pages.ui import prewarm
prewarm._IMPORT_AFTER_SECONDS = 0
prewarm.import_heavy()
for _ in range(600):
    if gc.get_freeze_count():
        break
    time.sleep(0.1)
assert gc.get_freeze_count() > 100_000 > len(gc.get_objects())
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert "leaked" not in ended.stderr


def test_a_real_server_sends_the_whole_page(figures_settings: Settings, tmp_path: Path) -> None:
    with serving(figures_settings.warehouse, tmp_path / "log") as address:
        server = re.sub("^http://", "", address)
        sent = list(visit(server, "definitions", "sv"))
    titles = [
        message.delta.new_element.heading.body
        for message in sent
        if message.delta.new_element.WhichOneof("type") == "heading"
    ]
    assert titles[0] == "Definitioner"
    assert sent[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
