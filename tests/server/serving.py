"""What the tests of the server share: starting one, and asking it without a client that mends what is sent."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import TEST_KEY
from tests.rules.repository import ROOT
from tests.server.recorded import OUTGOING

DEPLOY = ROOT / "deploy"
#: Seconds a start may take.
PATIENCE = 90
UNIT_PYTHON = "/opt/takuuvahti/.venv/bin/python"


@dataclass(frozen=True)
class Answer:
    """One response: its status, its headers as they came, its body."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        (value,) = self.all(name)
        return value


def ask(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    """One request to this machine; `_` in a header's name stands for `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def handshake(port: int, **headers: str) -> Answer:
    """The first answer to a WebSocket."""
    wanted = {
        "Host": f"localhost:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol": "streamlit",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in wanted.items())
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        wire.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        return read_answer(wire)


def read_answer(wire: socket.socket) -> Answer:
    """The head of the next response; status 0 where the connection ended without one."""
    received = b""
    try:
        while b"\r\n\r\n" not in received and (more := wire.recv(65536)):
            received += more
    except ConnectionResetError:
        pass
    head, _end, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/"):
        return Answer(0)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return Answer(int(first.split()[1]), [(name, value.strip()) for name, _colon, value in pairs], body)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def environment(warehouse: Path, **named: str) -> dict[str, str]:
    """The environment of a server over a warehouse, without what the person who runs the tests has set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TAKUUVAHTI_")}
    return {**inherited, "TAKUUVAHTI_KEY": TEST_KEY, "TAKUUVAHTI_WAREHOUSE": str(warehouse), **named}


@contextmanager
def running(
    command: Sequence[str], log: Path, named: dict[str, str], sockets: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the repository's folder; ended as a service manager ends it."""
    with log.open("ab") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=named, stdout=written, stderr=subprocess.STDOUT, pass_fds=sockets
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the application answers; the test fails where it does not come up."""
    for _attempt in range(PATIENCE * 4):
        if process.poll() is not None:
            break
        try:
            if ask(port, "/_stcore/health").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.25)
    pytest.fail(f"the application did not start:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def serving(warehouse: Path, folder: Path, *options: str, **named: str) -> Iterator[int]:
    """The port of the application as `streamlit run` starts it; what it asks of other machines goes to `outgoing`."""
    port, log = free_port(), folder / "log"
    (folder / "outgoing").touch()
    command = [sys.executable, "-m", "tests.server.recorded", "streamlit", "run", "app.py"]
    command += [
        f"--server.port={port}",
        "--server.fileWatcherType=none",
        *(options or ["--server.headless=true"]),
    ]
    named = {OUTGOING: str(folder / "outgoing"), **named}
    with running(command, log, environment(warehouse, **named)) as process:
        wait_for(port, process, log)
        yield port


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit of systemd, each with its values."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text(encoding="utf-8").splitlines():
        if setting := re.match(r"(\w+)=(.*)", line):
            found.setdefault(setting.group(1), []).append(setting.group(2))
    return found


def unit_command(name: str) -> list[str]:
    """What a unit starts, as written, with this machine's Python in the place of the installed one."""
    (command,) = unit(name)["ExecStart"]
    assert command.startswith(f"{UNIT_PYTHON} ")
    return [sys.executable, *command.split()[1:]]


def program(name: str) -> str:
    """The path of a program of Debian; without it the test is skipped, loudly, or fails where it is required."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        reason = f"NO {name.upper()}: install {name} to run the tests of deploy/"
        if os.environ.get("TAKUUVAHTI_REQUIRE_PROXY") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
