"""How the application starts on one's own machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipelines.settings import Settings
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
