"""Run the application as several processes behind one address of this machine: `python -m deploy.serve`.

A process of Python uses one core. nginx spreads the readers over the processes (`deploy/processes.py`); a process that ends
is started again, and its readers go on with another meanwhile. Ctrl-C ends everything, a load under way first.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deploy.healthcheck import ask
from deploy.processes import FIRST_PORT, MOST, spread
from pipelines.command_line import register

ROOT = Path(__file__).resolve().parents[1]
#: Seconds in which a process begins to answer.
_PATIENCE_SECONDS = 90
_EVERY_SECONDS = 0.2
#: Seconds before a process that ended is started again; doubled with each start that fails, up to the second number.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_WRONG_USAGE, _NOT_STARTED = 2, 3

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@register(app)
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the address.")] = FIRST_PORT,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help="How many processes; as many as cores where not given."),
    ] = None,
) -> None:
    """Serve until told to stop. The address is this machine's own."""
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if nginx is None:
        _stop(
            "nginx is not installed. It spreads the readers over the processes. Install it (on Debian and Ubuntu: "
            "apt install nginx-light), or start a single process: make run",
            _WRONG_USAGE,
        )
    if not _is_free(port):
        _stop(
            f"Port {port} is in use. Stop what uses it, or take another: make serve PORT={port + 100}",
            _WRONG_USAGE,
        )
    with tempfile.TemporaryDirectory(prefix="takuuvahti-") as folder, _told_to_stop() as stopping:
        ports = _free_ports(min(processes or _cores(), MOST))
        (Path(folder) / "nginx.conf").write_text(_configuration(Path(folder), port, ports), encoding="utf-8")
        children = [
            Child(f"process {number}", _application(at), at) for number, at in enumerate(ports, start=1)
        ]
        proxy = [nginx, "-p", folder, "-e", "stderr", "-c", "nginx.conf"]
        code = _run(children, Child("nginx", proxy, port), stopping)
    raise typer.Exit(code)


@dataclass
class Child:
    """A process that is started again when it ends. `port` is where it listens once it has started."""

    name: str
    command: Sequence[str]
    port: int
    started: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, environment: dict[str, str]) -> None:
        """Start it, out of reach of the terminal's Ctrl-C: it is ended in its turn."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 – our own
            self.command, cwd=ROOT, env=environment, start_new_session=True
        )

    def ended(self) -> bool:
        """Whether it is not running."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """Tell it to end."""
        if self.process is not None and not self.ended():
            self.process.terminate()

    def wait(self, stopping: threading.Event) -> None:
        """Wait until it has ended; where it is told to stop once more meanwhile, end it at once."""
        while not self.ended():
            if stopping.is_set() and self.process is not None:
                self.process.kill()
            time.sleep(_EVERY_SECONDS / 4)


def _run(processes: Sequence[Child], proxy: Child, stopping: threading.Event) -> int:
    """Start all, watch over them, end all; returns the exit code."""
    # One secret for the cookies of all, as each would make its own.
    environment = {"STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32), **os.environ}
    try:
        for child in processes:
            child.start(environment)
        if not _wait(processes, stopping, _answers):
            return 0 if stopping.is_set() else _NOT_STARTED
        proxy.start(environment)
        if not _wait([proxy], stopping, lambda child: not _is_free(child.port)):
            return 0 if stopping.is_set() else _NOT_STARTED
        typer.echo(
            f"Takuuvahti answers at http://localhost:{proxy.port} with {len(processes)} processes. Ctrl-C stops it."
        )
        _watch([*processes, proxy], environment, stopping)
        return 0
    finally:
        _end(processes, proxy, stopping)


def _wait(children: Sequence[Child], stopping: threading.Event, is_up: Callable[[Child], bool]) -> bool:
    """Whether all have started; says which one did not."""
    until = time.monotonic() + _PATIENCE_SECONDS
    missing = list(children)
    while missing and not stopping.wait(_EVERY_SECONDS):
        failed = next((child for child in missing if child.ended()), None)
        if failed is None and time.monotonic() > until:
            failed = missing[0]
        if failed is not None:
            typer.echo(f"Takuuvahti did not start: {failed.name} ended or does not answer.", err=True)
            return False
        missing = [child for child in missing if not is_up(child)]
    return not missing


def _watch(children: Sequence[Child], environment: dict[str, str], stopping: threading.Event) -> None:
    """Start again what ends, until told to stop."""
    pauses = dict.fromkeys((child.name for child in children), _PAUSE_SECONDS)
    while not stopping.wait(_EVERY_SECONDS):
        for child in children:
            age = time.monotonic() - child.started
            if not child.ended():
                pauses[child.name] = _PAUSE_SECONDS if age > _PATIENCE_SECONDS else pauses[child.name]
            elif age > pauses[child.name]:
                typer.echo(f"{child.name} has ended and is started again.", err=True)
                pauses[child.name] = min(2 * pauses[child.name], _LONGEST_PAUSE_SECONDS)
                child.start(environment)


def _end(processes: Sequence[Child], proxy: Child, stopping: threading.Event) -> None:
    """End the proxy, then the processes; told to stop once more, at once."""
    stopping.clear()
    proxy.stop()
    proxy.wait(stopping)
    for child in processes:
        child.stop()
    for child in processes:
        child.wait(stopping)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """What is set when the reader of the terminal, or a service manager, wants an end."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stopping.set())
    yield stopping


def _answers(child: Child) -> bool:
    try:
        ask(f"http://127.0.0.1:{child.port}")
    except OSError:
        return False
    return True


def _application(port: int) -> list[str]:
    return [sys.executable, "-m", "pages.server", str(port)]


def _configuration(folder: Path, port: int, ports: Sequence[int]) -> str:
    """nginx in front of the processes, for this machine alone.

    Headers pass as they came: one that another proxy has set tells the application that the reader is elsewhere.
    """
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"    {name}_temp_path {folder}/{name};" for name in places)
    user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
    return f"""{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
{temporary}
    client_max_body_size 301m;
    proxy_request_buffering off;
    proxy_buffering off;
{_indented(spread(ports))}
    map $http_upgrade $connection_header {{ default upgrade; "" close; }}
    server {{
        listen 127.0.0.1:{port};
        server_tokens off;
        add_header Set-Cookie $takuuvahti_cookie always;
        location / {{
            proxy_pass http://$takuuvahti_upstream;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_header;
            proxy_set_header Host $http_host;
            proxy_next_upstream error timeout;
            proxy_read_timeout 3600s;
        }}
    }}
}}
"""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


def _free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens at."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
