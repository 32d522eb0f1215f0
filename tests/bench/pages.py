"""How long the server takes for each page, on the warehouse of a county with five years behind it.

Run with `make bench`. A server of the application is started, and each page asked for over the websocket as a browser
does, in a new session with the page's own defaults, in Finnish. What is measured is the time from the request to the
message that says that the page is finished, so the server's work and nothing of the browser's. Three times are given:

again     the same view as another session has seen: what readers meet; beside it the processor time the server took,
          where the system tells it, which other work on the machine changes little
warmed    of a new version, once the server has opened its pages by itself: the first reader some time after a load
cold      of a version of which nothing was asked yet, the server not opening pages by itself

The medians of several runs are compared with what Streamlit takes for an empty page on the same machine in the same
run, so the ratios mean more than the milliseconds. Exits with 1 where a page that was seen before takes longer than
allowed, judged by its quickest run: what else the machine does is not the page's fault.
"""

from __future__ import annotations

import math
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

from streamlit.proto.Alert_pb2 import Alert

from pages.ui.page_registry import ENTRIES
from pages.ui.prewarm import visit
from pipelines.warehouse.reader import VERSIONS, current_version_path
from pipelines.warehouse.segments import SEGMENTS
from pipelines.warehouse.swap_version import point_to
from tests.bench.county import ROOT, county_settings

#: Milliseconds of server time that a page may take.
ALLOWED = 150
AGAIN, FIRST = 7, 3
PAGES = tuple(entry.name for entry in ENTRIES)
#: Seconds that a server has to itself after a publication, at most; it is at rest sooner, as the system tells.
PAUSE, AT_REST = 240, 4
_PATIENCE = 120


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one page, each time."""

    page: str
    again: tuple[float, ...]
    processor: float
    warmed: tuple[float, ...]
    cold: tuple[float, ...]

    @property
    def kept(self) -> bool:
        return min(self.again) <= ALLOWED


def main() -> int:
    """Measure, print the table, and say by the exit code whether every page kept what is allowed."""
    with tempfile.TemporaryDirectory() as name:
        folder = _copy(county_settings().warehouse, Path(name))
        with serving("tests/bench/empty_page.py", folder) as (port, _process):
            empty = median([seen(port, "") for _ in range(1 + AGAIN)][1:])
        with serving("app.py", folder) as (port, process):
            again, processor = measure_again(port, process)
            warmed, opening = measure_warmed(port, process, folder)
        with serving("app.py", folder, TAKUUVAHTI_WARM_UP="false") as (port, _process):
            cold = measure_cold(port, folder)
    results = [Measured(page, again[page], processor[page], warmed[page], cold[page]) for page in PAGES]
    show(results, empty)
    print(f"\nOpening every page of a new version took the server {opening / 1000:.0f} s of processor time.")
    kept = all(result.kept for result in results)
    print("Every page kept the limit." if kept else "A page broke the limit.")
    return int(not kept)


Times = dict[str, tuple[float, ...]]


def measure_again(port: int, process: int) -> tuple[Times, dict[str, float]]:
    """Every page as another session has seen it, and the processor time a visit takes of the server."""
    for page in PAGES:
        seen(port, page)
    rest(process)
    times: Times = {}
    processor = {}
    for page in PAGES:
        before = processor_time(process)
        times[page] = tuple(seen(port, page) for _ in range(AGAIN))
        processor[page] = (processor_time(process) - before) / AGAIN
    return times, processor


def processor_time(process: int) -> float:
    """The milliseconds of processor time a process has taken; NaN where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return math.nan
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rest(process: int) -> None:
    """Wait until a server has done by itself what it wanted to."""
    before = processor_time(process)
    for _ in range(PAUSE // AT_REST):
        time.sleep(AT_REST)
        now = processor_time(process)
        if now - before < 25 * AT_REST:
            return
        before = now


def measure_warmed(port: int, process: int, folder: Path) -> tuple[Times, float]:
    """Every page as the first reader after a publication sees it, and the processor time of opening it beforehand."""
    opening = []
    warmed: Times = dict.fromkeys(PAGES, ())
    for _ in range(FIRST):
        before = processor_time(process)
        publish_again(folder)
        rest(process)
        opening.append(processor_time(process) - before)
        warmed = {page: (*warmed[page], seen(port, page)) for page in PAGES}
    return warmed, median(opening)


def measure_cold(port: int, folder: Path) -> Times:
    """Every page of a version of which nothing was asked; what has to be imported is there already."""
    for page in PAGES:
        seen(port, page)
    times: Times = dict.fromkeys(PAGES, ())
    for page in PAGES:
        for _ in range(FIRST):
            publish_again(folder)
            times[page] = (*times[page], seen(port, page))
    return times


def seen(port: int, page: str) -> float:
    """The milliseconds a server takes for a page in a new session. Ends the benchmark where the page fails."""
    begun = time.perf_counter()
    for message in visit(f"localhost:{port}", page, "fi"):
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception" or element.alert.format == Alert.ERROR:
            raise SystemExit(f"{page}: {element}")
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
def serving(script: str, warehouse: Path, **named: str) -> Iterator[tuple[int, int]]:
    """A server of a script over a warehouse, as long as it is needed: its port and its process."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += [
        "--server.address",
        "localhost",
        "--server.headless",
        "true",
        "--server.fileWatcherType",
        "none",
    ]
    environment = {
        **os.environ,
        "TAKUUVAHTI_WAREHOUSE": str(warehouse),
        "TAKUUVAHTI_SINGLE_USER": "true",
        **named,
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield port, process.pid
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
    (folder / SEGMENTS).symlink_to(warehouse / SEGMENTS)
    point_to(folder, newest.name)
    return folder


def show(results: list[Measured], empty: float) -> None:
    """Print the medians, and how many times an empty page each is."""
    title = "Milliseconds of server time, five years of a county"
    print(f"\n{title:<52}{'again':>7}{'× empty':>9}{'processor':>11}{'allowed':>9}{'warmed':>8}{'cold':>7}")
    print(f"{'an empty page':<52}{empty:>7.0f}{1:>9.1f}")
    for item in results:
        again = median(item.again)
        print(
            f"{item.page:<52}{again:>7.0f}{again / empty:>9.1f}{item.processor:>11.0f}{ALLOWED:>9}"
            f"{median(item.warmed):>8.0f}{median(item.cold):>7.0f}"
        )


if __name__ == "__main__":
    sys.exit(main())
