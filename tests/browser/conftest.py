"""The real application with the first warehouse, and a real browser to drive it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
#: Seconds the application may take to answer before the tests give up.
PATIENCE = 90


@pytest.fixture(scope="session")
def server(demo_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running application, with the first warehouse and its demo data. To be read, not changed."""
    with serving(demo_settings.warehouse, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@contextmanager
def serving(
    warehouse: Path, log: Path, port: int | None = None, options: Sequence[str] = ()
) -> Iterator[str]:
    """The address of the application started over a warehouse; its output goes to `log`."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    environment = {**os.environ, "TAKUUVAHTI_WAREHOUSE": str(warehouse), "TAKUUVAHTI_SINGLE_USER": "true"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=localhost", *options]
    command += [f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://localhost:{port}/_stcore/health", process, log)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _attempt in range(PATIENCE * 4):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 – our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    pytest.fail(f"the application did not start:\n{log.read_text(errors='replace')[-3000:]}")
