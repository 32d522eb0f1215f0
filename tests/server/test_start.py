"""How the application starts on one's own machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from indicators.catalogue.errors import UsageError
from pages.server import protection
from pages.ui.prewarm import visit
from pipelines.settings import Settings, load_settings
from tests.server.serving import PATIENCE, serving


@pytest.mark.skipif(os.name == "nt", reason="Windows opens a browser by other means")
def test_the_readers_browser_is_opened(figures_settings: Settings, tmp_path: Path) -> None:
    program, opened = tmp_path / "bin" / "xdg-open", tmp_path / "opened"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$1" >> "{opened}"\n')
    program.chmod(0o755)
    named = {"PATH": f"{program.parent}:{os.environ['PATH']}", "TAKUUVAHTI_WARM_UP": "false"}
    with serving(figures_settings.warehouse, tmp_path, "--server.headless=false", **named) as port:
        for _attempt in range(PATIENCE):
            if opened.exists():
                break
            time.sleep(0.1)
        assert opened.read_text().splitlines() == [f"http://localhost:{port}"]
    assert (tmp_path / "outgoing").read_text() == ""


@pytest.mark.parametrize(
    "address", ["", "https://takuuvahti.example.fi", "http://10.0.0.5:8501", "https://[::1]:8443"]
)
def test_a_public_address_is_a_scheme_and_a_host(address: str) -> None:
    assert load_settings({"TAKUUVAHTI_PUBLIC_ADDRESS": address}).public_address == address


@pytest.mark.parametrize(
    "address",
    [
        *(
            "takuuvahti.example.fi",
            "ftp://takuuvahti.example.fi",
            "https://takuuvahti.example.fi/",
            "https://",
        ),
        *("https://takuuvahti.example.fi/sub", "https://user@takuuvahti.example.fi", "https://a b.fi"),
    ],
)
def test_anything_else_is_a_fault_of_the_settings(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="settings") as raised:
        load_settings({"TAKUUVAHTI_PUBLIC_ADDRESS": address})
    assert "public_address" in raised.value.message("en")
    # The server starts all the same, so that pages can say it; nothing counts as its public address.
    monkeypatch.setenv("TAKUUVAHTI_PUBLIC_ADDRESS", address)
    assert [part.kwargs["public"].netloc for part in protection.middleware()] == ["", ""]


def test_one_person_is_the_exception() -> None:
    assert not load_settings({}).single_user
    assert load_settings({"TAKUUVAHTI_SINGLE_USER": "true"}).single_user


def test_the_first_reader_sees_our_navigation_from_the_start(
    figures_settings: Settings, tmp_path: Path
) -> None:
    named = {"TAKUUVAHTI_WARM_UP": "false", "TAKUUVAHTI_SINGLE_USER": "true"}
    with serving(figures_settings.warehouse, tmp_path, **named) as port:
        drawn = [
            [page.page_name for page in message.navigation.app_pages]
            for message in visit(f"localhost:{port}", "overview", "fi")
            if message.WhichOneof("type") == "navigation"
        ]
    assert drawn and all("Tilannekuva" in pages and "care guarantee" not in pages for pages in drawn)
