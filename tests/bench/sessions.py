"""How long many people wait at once: sessions that click every two seconds, through the one address of `make serve`.

Run with `make bench SESSIONS=yes`, or `python -m tests.bench.sessions [WAREHOUSE]`; without a warehouse it is that of a county
with five years behind it. Each session is a reader with cookies and one WebSocket; a click opens a page with a filter of its
own: another unit, another grain, in Finnish. What is measured is the time from the click to the message that says that the
page is finished. One process and two are measured in the same run; nothing is opened beforehand. Exits with 1 where twenty
sessions of several processes wait longer than allowed, or any click fails.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from statistics import quantiles

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException

from pages.ui.page_registry import ENTRIES
from pipelines.loading.publication import published_snapshot
from pipelines.settings import load_settings
from tests.bench.county import ROOT, county_settings
from tests.server.reader import Reader

SESSIONS, PROCESSES = (1, 20, 50), (1, 2)
#: Seconds between two clicks of a session, and how long each number of sessions is measured.
EVERY, MEASURED = 2.0, 40.0
#: Seconds that nineteen of twenty clicks of so many sessions may take, with more than one process.
ALLOWED, ALLOWED_SESSIONS = 1.5, 20
GRAINS = ("week", "month", "quarter", "year")
#: The pages that everybody with a role may open, and that show figures.
PAGES = tuple(entry.name for entry in ENTRIES if entry.needs is None and entry.group == ENTRIES[0].group)
_PATIENCE = 120


@dataclass
class Waited:
    """The seconds each click took, and what failed."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: int) -> float:
        return quantiles(self.seconds, n=100)[share - 1] if len(self.seconds) > 1 else float("nan")


def main() -> int:
    """Measure, print the table, and say by the exit code whether what is allowed was kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("warehouse", type=Path, nargs="?", help="As published; nothing is changed in it.")
    warehouse = parser.parse_args().warehouse or county_settings().warehouse
    filters = tuple(_filters(warehouse))
    print(
        f"\n{'processes':>10}{'sessions':>10}{'clicks':>8}{'p50, s':>9}{'p95, s':>9}{'longest':>9}{'errors':>8}"
    )
    kept = True
    for processes in PROCESSES:
        with serving(warehouse, processes) as port:
            for sessions in SESSIONS:
                waited = measure(port, sessions, filters)
                print(
                    f"{processes:>10}{sessions:>10}{len(waited.seconds):>8}{waited.percentile(50):>9.2f}"
                    f"{waited.percentile(95):>9.2f}{max(waited.seconds, default=0):>9.2f}{len(waited.errors):>8}",
                    flush=True,
                )
                for error in sorted(set(waited.errors))[:3]:
                    print(f"{'':>20}{error}")
                is_slow = sessions == ALLOWED_SESSIONS and waited.percentile(95) > ALLOWED
                kept = kept and not (processes > 1 and (waited.errors or is_slow))
    print("Every session kept the limit." if kept else "A session broke the limit.")
    return int(not kept)


def _filters(warehouse: Path) -> Iterator[str]:
    """Queries of pages: every unit of the area that is shown at first, by every grain."""
    settings = replace(load_settings(), warehouse=warehouse)
    snapshot = published_snapshot(settings)
    if snapshot is None:
        raise SystemExit(f"nothing is published in {warehouse}")
    units = snapshot.rows(f"SELECT unit FROM units WHERE area = '{settings.default_area}' ORDER BY unit")
    for (unit,), grain in product(units, GRAINS):
        yield f"kieli=fi&yksikko={unit}&jakso={grain}"


def measure(port: int, sessions: int, filters: Sequence[str]) -> Waited:
    """What so many sessions wait for when all click at once for a while."""
    waited = Waited()
    until = time.monotonic() + MEASURED
    readers = [
        threading.Thread(target=_click_on, args=(port, number, filters, until, waited))
        for number in range(sessions)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return waited


def _click_on(port: int, number: int, filters: Sequence[str], until: float, waited: Waited) -> None:
    """One session: a click every two seconds, or as soon as the page before is there."""
    chance = random.Random(number)
    reader = Reader(port)
    time.sleep(chance.uniform(0, EVERY))
    try:
        reader.ask("/")
        reader.ask("/_stcore/health")
        reader.connect()
        while time.monotonic() < until:
            begun = time.monotonic()
            error = _fault(reader.open(chance.choice(PAGES), chance.choice(filters)))
            waited.seconds.append(time.monotonic() - begun)
            if error:
                waited.errors.append(error)
            time.sleep(max(0.0, EVERY - (time.monotonic() - begun)))
    except (OSError, EOFError, WebSocketException) as error:
        waited.errors.append(f"{type(error).__name__}: {error}"[:120])
    finally:
        reader.close()


def _fault(messages: Sequence[ForwardMsg]) -> str:
    """What a page says went wrong; empty where nothing did."""
    for message in messages:
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception" or element.alert.format == Alert.ERROR:
            return str(element)[:120].replace("\n", " ")
    return ""


@contextmanager
def serving(warehouse: Path, processes: int) -> Iterator[int]:
    """The application as `make serve` starts it: the port of its one address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "deploy.serve", f"--port={port}", f"--processes={processes}"]
    named = {
        "TAKUUVAHTI_WAREHOUSE": str(warehouse),
        "TAKUUVAHTI_SINGLE_USER": "true",
        "TAKUUVAHTI_WARM_UP": "false",
    }
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **named}, stdout=said, stderr=said)
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(10 * _PATIENCE):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
