"""How long the server takes for each page, on the warehouse of a county with five years behind it.

Run with `make bench`. A server of the application is started, and each page asked for over the websocket as a browser
does, in a new session with the page's own defaults, in Finnish. What is measured is the time from the request to the
message that says that the page is finished, so the server's work and nothing of the browser's. Three times are given:

again     the same view as another session has seen: what readers meet
unopened  of a version that was just published, of which nothing was asked yet, the server having had no pause
settled   the same after the server has had a pause of some seconds, as between a load and the next reader

The medians of several runs are compared with what Streamlit takes for an empty page on the same machine in the same
run, so the ratios mean more than the milliseconds. Exits with 1 where a page that was seen before takes longer than
allowed, judged by its quickest run: what else the machine does is not the page's fault.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from pages.ui.registry import ENTRIES
from pipelines.warehouse.publish import point_to
from pipelines.warehouse.reader import VERSIONS, current_version_path
from tests.bench.county import ROOT, county_settings

#: Milliseconds of server time that a page may take.
ALLOWED = 150
AGAIN, FIRST = 7, 3
#: Seconds that a server has to itself after a publication.
PAUSE = 20
_PATIENCE = 120


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one page: each time seen again, unopened, settled."""

    page: str
    again: tuple[float, ...]
    unopened: tuple[float, ...]
    settled: tuple[float, ...]

    @property
    def kept(self) -> bool:
        return min(self.again) <= ALLOWED


def main() -> int:
    """Measure, print the table, and say by the exit code whether every page kept what is allowed."""
    with tempfile.TemporaryDirectory() as name:
        folder = _copy(county_settings().warehouse, Path(name))
        with serving("tests/bench/empty_page.py", folder) as port:
            empty = median([seen(port, "") for _ in range(1 + AGAIN)][1:])
        with serving("app.py", folder) as port:
            results = measure(port, folder)
    show(results, empty)
    kept = all(result.kept for result in results)
    print("Every page kept the limit." if kept else "A page broke the limit.")
    return int(not kept)


def measure(port: int, folder: Path) -> list[Measured]:
    """Every page of the application."""
    pages = [entry.name for entry in ENTRIES]
    for page in pages:
        seen(port, page)
    again: dict[str, list[float]] = {page: [] for page in pages}
    unopened: dict[str, list[float]] = {page: [] for page in pages}
    settled: dict[str, list[float]] = {page: [] for page in pages}
    for _ in range(AGAIN):
        for page in pages:
            again[page].append(seen(port, page))
    for page in pages:
        for _ in range(FIRST):
            publish_again(folder)
            unopened[page].append(seen(port, page))
    for _ in range(FIRST):
        publish_again(folder)
        # Any reader wakes the server up to the new version.
        seen(port, pages[-1])
        time.sleep(PAUSE)
        for page in pages:
            settled[page].append(seen(port, page))
    return [
        Measured(page, tuple(again[page]), tuple(unopened[page]), tuple(settled[page])) for page in pages
    ]


def seen(port: int, page: str) -> float:
    """The milliseconds a server takes for a page in a new session. Ends the benchmark where the page fails."""
    address = f"ws://localhost:{port}/_stcore/stream"
    request = BackMsg()
    request.rerun_script.query_string = "kieli=fi"
    request.rerun_script.page_name = page
    with connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket_:  # type: ignore[list-item]
        begun = time.perf_counter()
        socket_.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(socket_.recv(timeout=_PATIENCE))
            if message.delta.new_element.WhichOneof("type") in ("exception", "alert"):
                text = str(message.delta.new_element)
                if "exception" in text or "format: ERROR" in text:
                    raise SystemExit(f"{page}: {text}")
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    continue
                return 1000 * (time.perf_counter() - begun)


def publish_again(folder: Path) -> None:
    """Publish the newest version anew, with the same rows: nothing was asked of it yet."""
    newest = current_version_path(folder)
    if newest is None:
        raise SystemExit(f"nothing is published in {folder}")
    following = newest.with_name(f"{int(newest.stem) + 1:08d}.duckdb")
    os.link(newest, following)
    point_to(folder, following.name)
    newest.unlink()


@contextmanager
def serving(script: str, warehouse: Path) -> Iterator[int]:
    """A server of a script over a warehouse, as long as it is needed: its port."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += ["--server.address", "localhost", "--server.headless", "true", "--server.fileWatcherType", "none"]
    environment = {**os.environ, "TAKUUVAHTI_WAREHOUSE": str(warehouse)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(10 * _PATIENCE):
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health"):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _copy(warehouse: Path, folder: Path) -> Path:
    """The newest version in a folder of its own: what is measured publishes and takes away."""
    newest = current_version_path(warehouse)
    if newest is None:
        raise SystemExit(f"nothing is published in {warehouse}")
    (folder / VERSIONS).mkdir()
    shutil.copy(newest, folder / VERSIONS)
    point_to(folder, newest.name)
    return folder


def show(results: list[Measured], empty: float) -> None:
    """Print the medians, and how many times an empty page each is."""
    title = "Milliseconds of server time, five years of a county"
    print(f"\n{title:<52}{'again':>7}{'× empty':>9}{'allowed':>9}{'unopened':>10}{'settled':>9}")
    print(f"{'an empty page':<52}{empty:>7.0f}{1:>9.1f}")
    for item in results:
        again = median(item.again)
        print(
            f"{item.page:<52}{again:>7.0f}{again / empty:>9.1f}{ALLOWED:>9}"
            f"{median(item.unopened):>10.0f}{median(item.settled):>9.0f}"
        )


if __name__ == "__main__":
    sys.exit(main())
