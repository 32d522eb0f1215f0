"""Several processes behind one address, with Debian's own nginx: who stays where, and what every process knows."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosed

from deploy import processes, serve
from pages.ui.job_files import JOBS_FOLDER
from pages.ui.jobs import LOADING, Jobs, Progress
from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.access.sign_in import RULES, USER
from tests.conftest import start_from
from tests.server.reader import Reader
from tests.server.serving import DEPLOY, environment, free_port, program, running

pytestmark = pytest.mark.skipif(os.name == "nt", reason="what deploy/ ships is for Debian")
PATIENCE = 90
NGINX = "nginx"


@dataclass(frozen=True)
class Several:
    """Two processes behind one address."""

    port: int
    supervisor: int
    warehouse: Path

    def children(self) -> dict[str, int]:
        """The running processes by what they run: `1`, `2` for the application's in their order, `nginx`."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                words = (folder / "cmdline").read_text().split("\0")
            except OSError:
                continue
            if int(fields[1]) == self.supervisor and fields[0] != "Z":
                found.append((words, int(folder.name)))
        master = next((words, number) for words, number in found if words[0].startswith("nginx: master"))
        folder = Path(master[0][0].partition(" -p ")[2].partition(" ")[0])
        ports = re.findall(r"server 127\.0\.0\.1:(\d+)", (folder / "nginx.conf").read_text())[:2]
        running = {words[3]: number for words, number in found if "pages.server" in words}
        return {str(at): running[port] for at, port in enumerate(ports, start=1) if port in running} | {
            NGINX: master[1]
        }


@contextmanager
def several(warehouse: Path, folder: Path, **named: str) -> Iterator[Several]:
    """Two processes as `make serve` starts them."""
    program("nginx")
    port, log = free_port(), folder / "log"
    command = [sys.executable, "-m", "deploy.serve", f"--port={port}", "--processes=2"]
    named = {"TAKUUVAHTI_SINGLE_USER": "true", "TAKUUVAHTI_WARM_UP": "false", **named}
    with running(command, log, environment(warehouse, **named)) as process:
        wait_until(lambda: "answers at" in log.read_text() or process.poll() is not None)
        assert f"http://localhost:{port} with 2 processes" in log.read_text()
        yield Several(port, process.pid, warehouse)


def wait_until(comes_true: object) -> None:
    until = time.monotonic() + PATIENCE
    while not comes_true():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture(scope="module")
def two(figures_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    folder = tmp_path_factory.mktemp("several")
    settings = type(figures_settings)(**vars(figures_settings) | {"warehouse": folder / "warehouse"})
    start_from(figures_settings, settings)
    with several(settings.warehouse, folder) as found:
        yield found


def new_reader(two: Several) -> Reader:
    """A reader where the proxy has sent them."""
    reader = Reader(two.port)
    assert reader.ask("/") == 200
    return reader


def reader_of(two: Several, process: str) -> Reader:
    """A reader whom the proxy has sent to a process."""
    found = [reader for _turn in range(4) if (reader := new_reader(two)).process == process]
    assert found, f"nobody is sent to process {process}"
    return found[0]


def texts(reader: Reader, page: str, query: str = "kieli=en") -> str:
    return str(reader.open(page, query))


def test_new_readers_are_spread_and_stay_where_they_are(two: Several) -> None:
    readers = []
    for _turn in range(6):
        readers.append(new_reader(two))
        readers[-1].connect()
    first = [reader.process for reader in readers]
    assert first.count("1") == first.count("2") == 3
    for reader in readers:
        assert "Definitions" in texts(reader, "definitions")
        # The cookie is sent anew by another process alone: none was.
        before = dict(reader.cookies)
        assert reader.ask("/_stcore/health") == 200
        assert reader.process == before[processes.COOKIE]
        reader.close()
    assert [reader.process for reader in readers] == first


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Via", "X_Real_IP"])
def test_a_page_is_one_persons_own_only_where_no_other_proxy_asks(two: Several, header: str) -> None:
    refused = "Sign-in is not configured"
    reader = Reader(two.port)
    assert refused not in texts(reader, "definitions")
    reader.connect(**{header: "10.0.0.7"})
    assert refused in texts(reader, "definitions")
    reader.close()


def upload(reader: Reader, megabytes: int) -> int:
    """Send a file as the page's uploader does; returns the status."""
    boundary = "b"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    ).encode()
    body += b"x" * (megabytes * 1024 * 1024) + f"\r\n--{boundary}--\r\n".encode()
    return reader.ask(
        f"/_stcore/upload_file/{reader.session}/1",
        "PUT",
        body,
        Content_Type=f"multipart/form-data; boundary={boundary}",
        Origin=f"http://localhost:{reader.port}",
        X_Xsrftoken=reader.cookies.get("_streamlit_xsrf", ""),
    )


def test_an_upload_reaches_the_process_of_its_session(two: Several) -> None:
    for process in ("1", "2"):
        reader = reader_of(two, process)
        assert reader.ask("/_stcore/health") == 200
        reader.open("upload", "kieli=en")
        assert upload(reader, 3) == 204
        # The other process knows no such session.
        reader.cookies[processes.COOKIE] = "2" if process == "1" else "1"
        assert upload(reader, 0) == 400
        reader.close()


def test_a_process_that_is_killed_hands_its_readers_over_and_starts_again(two: Several) -> None:
    reader = reader_of(two, "1")
    assert "Definitions" in texts(reader, "definitions")
    killed = two.children()["1"]
    os.kill(killed, signal.SIGKILL)
    assert reader.wire is not None
    with pytest.raises(ConnectionClosed):
        while True:
            reader.wire.recv(timeout=PATIENCE)
    # The next click, as the page connects again by itself.
    reader.connect()
    assert "Definitions" in texts(reader, "definitions")
    assert reader.process == "2"
    assert reader.ask("/_stcore/health") == 200
    assert upload(reader, 1) == 204
    reader.close()
    wait_until(lambda: two.children().get("1", killed) != killed)
    wait_until(lambda: new_reader(two).process == "1")


def test_both_processes_write_one_audit_log(two: Several) -> None:
    log = AuditLog(two.warehouse / AUDIT)
    before = len(list(log.entries()))
    for turn in range(4):
        for process in ("1", "2"):
            reader = reader_of(two, process)
            texts(reader, "definitions", f"kieli=en&jakso={turn}{process}")
            reader.close()
    added = list(log.entries())[before:]
    assert [entry.event for entry in added].count(Event.VIEWED) == 8
    assert log.problems() == []
    # The settings of two processes are the same ones, recorded once.
    assert len([entry for entry in log.entries() if entry.event is Event.SETTINGS_CHANGED]) == 1


def test_a_job_of_another_process_is_on_the_page_with_its_progress_and_outcome(two: Several) -> None:
    jobs, gate, told = Jobs(lambda: two.warehouse / JOBS_FOLDER), threading.Event(), threading.Event()

    def work(progress: Progress) -> int:
        progress("archive", 0.7)
        told.set()
        assert gate.wait(PATIENCE)
        return 3

    readers = [reader_of(two, process) for process in ("1", "2")]
    now = datetime.now(UTC).replace(tzinfo=None)
    job = jobs.start(LOADING, "take_demo", "take_demo", "somebody", now, work)
    assert told.wait(PATIENCE)
    for reader in readers:
        messages = reader.open("upload", "kieli=en")
        assert "Taking the demo data away" in str(messages) and "Started by somebody" in str(messages)
        assert [one.delta.new_element.progress.value for one in messages if "progress {" in str(one)] == [70]
    gate.set()
    assert job.wait(PATIENCE)
    assert "3 loads of demo data were taken away" in texts(readers[0], "upload")
    # Put away in one process, it is gone in the other.
    pressed = button(readers[0].open("upload", "kieli=en"), "Put away")
    readers[0].open("upload", "kieli=en", pressed)
    assert "Taking the demo data away" not in texts(readers[1], "upload")
    assert jobs.get(job.id) is None
    for reader in readers:
        reader.close()


def button(messages: list[ForwardMsg], label: str) -> str:
    """The identifier of a button that a page has drawn."""
    drawn = (message.delta.new_element.button for message in messages)
    return next(one.id for one in drawn if one.label == label)


SECRET = "a secret of the cookies of these tests, and of no others"


def test_a_sign_out_counts_in_every_process(figures_settings: Settings, tmp_path: Path) -> None:
    settings = type(figures_settings)(**vars(figures_settings) | {"warehouse": tmp_path / "warehouse"})
    start_from(figures_settings, settings)
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost:1/oauth2callback"\ncookie_secret = "{SECRET}"\n'
        'client_id = "takuuvahti"\nclient_secret = "s"\n'
        f'server_metadata_url = "http://127.0.0.1:{free_port()}/.well-known/openid-configuration"\n'
    )
    named = {"HOME": str(tmp_path), "TAKUUVAHTI_ACCESS_RULES": str(RULES)}
    with several(settings.warehouse, tmp_path, **named) as found:
        claims = {
            "email": USER,
            "name": "Testi",
            "groups": ["board"],
            "iat": int(time.time()),
            "aud": "takuuvahti",
        }
        claims |= {"origin": f"http://localhost:{found.port}", "is_logged_in": True, "provider": "default"}
        cookie = create_signed_value(SECRET, USER_COOKIE_NAME, json.dumps(claims)).decode()
        readers = {process: reader_of(found, process) for process in ("1", "2")}
        for reader in readers.values():
            reader.cookies[USER_COOKIE_NAME] = cookie
            assert reader.ask("/_stcore/health") == 200
        pages = {process: reader.open("definitions", "kieli=en") for process, reader in readers.items()}
        assert all("Signed in: Testi" in str(page) for page in pages.values())
        readers["1"].open("definitions", "kieli=en", button(pages["1"], "Sign out"))
        shown = texts(readers["2"], "definitions")
        assert "Signed in: Testi" not in shown and "Sign in with your work account" in shown
        # A copy of the cookie opens nothing either.
        copied = Reader(found.port, **readers["2"].cookies)
        assert "Sign in with your work account" in texts(copied, "definitions")
        for reader in (*readers.values(), copied):
            reader.close()


def test_it_ends_with_all_its_processes(figures_settings: Settings, tmp_path: Path) -> None:
    with several(figures_settings.warehouse, tmp_path) as found:
        children = found.children()
        assert children.keys() == {"1", "2", NGINX}
        os.kill(found.supervisor, signal.SIGINT)
        wait_until(lambda: not any(Path(f"/proc/{number}").exists() for number in children.values()))
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_without_nginx_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.shutil, "which", lambda *_arguments, **_named: None)
    ended = CliRunner().invoke(serve.app, ["--port", str(free_port())])
    assert ended.exit_code == 2
    assert "apt install nginx-light" in ended.output and "make run" in ended.output


def test_a_port_in_use_is_said(two: Several) -> None:
    ended = CliRunner().invoke(serve.app, ["--port", str(two.port)])
    assert ended.exit_code == 2
    assert f"Port {two.port} is in use" in ended.output


def test_the_shipped_proxy_spreads_over_as_many_as_the_command_prints() -> None:
    printed = CliRunner().invoke(processes.app, ["2"]).output
    assert printed in (DEPLOY / "nginx.conf").read_text()
    assert "127.0.0.1:8504" in CliRunner().invoke(processes.app, ["4"]).output
