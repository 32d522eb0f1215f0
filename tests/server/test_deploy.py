"""What `deploy/` ships, run as written: the units' commands, the proxy in front, back-up, log rotation."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.healthcheck import main as healthcheck
from deploy.processes import spread
from pages.server.protection import SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.report import LOADED
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import visit, visits
from tests.rules.repository import ROOT
from tests.server.recorded import OUTGOING
from tests.server.serving import (
    DEPLOY,
    UNIT_PYTHON,
    ask,
    environment,
    free_port,
    program,
    running,
    unit,
    unit_command,
    wait_for,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="what deploy/ ships is for Debian")
PATIENCE = 90_000
#: The ports of the processes that the shipped files name.
SHIPPED = (8501, 8502)
NAME = "takuuvahti.example.fi"


@dataclass
class Deployment:
    """The application on a socket that outlives it, as systemd and takuuvahti.service run it."""

    warehouse: Path
    folder: Path
    public: str
    listener: socket.socket = field(
        default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=1024)
    )

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @contextmanager
    def start(self) -> Iterator[subprocess.Popen[bytes]]:
        """The unit's command with the socket at the descriptor where systemd puts it."""
        command = unit_command("takuuvahti.service")
        assert command[1] == "-m"
        handed = f'exec 3<&{self.listener.fileno()}; exec "$0" -m tests.server.recorded "$@"'
        named = environment(
            self.warehouse,
            LISTEN_FDS="1",
            TAKUUVAHTI_PUBLIC_ADDRESS=self.public,
            **{OUTGOING: str(self.folder / "outgoing")},
        )
        wrapped = ["bash", "-c", handed, command[0], *command[2:]]
        with running(wrapped, self.folder / "log", named, [self.listener.fileno()]) as process:
            yield process


@dataclass(frozen=True)
class Proxy:
    """A running nginx with the shipped configuration: where it listens."""

    secure: int
    plain: int

    @property
    def address(self) -> str:
        return f"https://localhost:{self.secure}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("deployment")
    (found / "outgoing").touch()
    return found


@pytest.fixture(scope="module")
def certificate(folder: Path) -> Path:
    """The folder of a certificate for localhost that nobody vouches for."""
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def configuration(port: int, certificate: Path, proxy: Proxy, *, default_host: bool) -> str:
    """The shipped configuration with this test's ports and files; without its line for the Host where asked."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert text.count(spread(SHIPPED)) == 1
    text = text.replace(spread(SHIPPED), spread([port])).replace(NAME, "localhost")
    text = text.replace("/etc/ssl/takuuvahti", str(certificate))
    text = text.replace("/var/log/nginx", str(certificate))
    text = re.sub(r"^ +listen \[::\].*\n", "", text, flags=re.M)
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{proxy.secure} ")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{proxy.plain};")
    return text.replace("proxy_set_header Host $http_host;", "") if default_host else text


@contextmanager
def nginx(port: int, folder: Path, proxy: Proxy, *, default_host: bool = False) -> Iterator[Proxy]:
    """Debian's nginx in front of the application."""
    binary, home = program("nginx"), folder / f"nginx-{default_host}"
    home.mkdir(exist_ok=True)
    (home / "site.conf").write_text(configuration(port, folder, proxy, default_host=default_host))
    temporary = "\n".join(
        f"{name}_temp_path {home}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"user root;\ndaemon off;\npid {home}/pid;\nerror_log {home}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\ninclude {home}/site.conf;\n}}\n"
    )
    with running(
        [binary, "-p", str(home), "-e", str(home / "error.log"), "-c", str(home / "nginx.conf")],
        home / "log",
        dict(os.environ),
    ) as process:
        for _attempt in range(100):
            with socket.socket() as tried:
                if process.poll() is None and tried.connect_ex(("127.0.0.1", proxy.secure)) == 0:
                    break
            time.sleep(0.1)
        else:
            pytest.fail(f"nginx did not start: {(home / 'error.log').read_text()}")
        yield proxy


@pytest.fixture(scope="module")
def proxy_ports() -> Proxy:
    return Proxy(free_port(), free_port())


@pytest.fixture(scope="module")
def deployment(figures_settings: Settings, folder: Path, proxy_ports: Proxy) -> Iterator[Deployment]:
    """The application as the unit starts it; what the restart leaves is ended, and no other machine was asked."""
    found = Deployment(figures_settings.warehouse, folder, proxy_ports.address)
    with found.listener, found.start() as process:
        wait_for(found.port, process, folder / "log")
        yield found
    assert (folder / "outgoing").read_text() == ""


@pytest.fixture
def proxy(
    deployment: Deployment, certificate: Path, proxy_ports: Proxy, request: pytest.FixtureRequest
) -> Iterator[Proxy]:
    """The proxy at the public address; with the parameter True one that names itself as the Host."""
    default_host = getattr(request, "param", False)
    with nginx(deployment.port, certificate, proxy_ports, default_host=default_host) as found:
        text = (certificate / f"nginx-{default_host}" / "site.conf").read_text()
        assert ("proxy_set_header Host" in text) is not default_host
        yield found


def fetch(address: str, **headers: str) -> tuple[int, list[tuple[str, str]]]:
    """The status and headers of an answer through the proxy, whatever its certificate; no redirect is followed."""

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments: object) -> None:
            return None

    trusting = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())  # noqa: S323
    opener = urllib.request.build_opener(NoRedirect, trusting)
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 – our own server
    try:
        with opener.open(request, timeout=60) as response:
            return response.status, response.getheaders()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, list(error.headers.items())


def test_the_units_command_answers_on_the_socket_handed_over(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(deployment.port, "/")
    assert answer.status == 200
    assert answer.one("X-Frame-Options") == "DENY"
    assert healthcheck(f"http://127.0.0.1:{deployment.port}") == 0
    assert healthcheck(f"http://127.0.0.1:{free_port()}") == 1
    assert "does not answer" in capsys.readouterr().err


def test_without_a_socket_the_units_command_says_how_to_start(figures_settings: Settings) -> None:
    ended = subprocess.run(
        unit_command("takuuvahti.service"),
        cwd=ROOT,
        env=environment(figures_settings.warehouse),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert "streamlit run app.py" in ended.stderr


def test_the_units_agree_with_each_other_and_with_systemd(tmp_path: Path) -> None:
    places = {"WorkingDirectory": "/opt/takuuvahti", "User": "takuuvahti"}
    for path in sorted((DEPLOY / "systemd").glob("*.service")):
        settings = unit(path.name)
        assert {name: settings[name] for name in places} == {name: [value] for name, value in places.items()}
        assert settings["ExecStart"][0].startswith(f"{UNIT_PYTHON} -m ")
        # systemd looks whether the program and the user are there.
        text = path.read_text(encoding="utf-8").replace(UNIT_PYTHON, sys.executable)
        (tmp_path / path.name).write_text(text.replace("User=takuuvahti", "User=root"))
    for path in (DEPLOY / "systemd").glob("*.[st][oi][cm]*"):
        shutil.copy(path, tmp_path / path.name)
    assert unit("takuuvahti.socket")["ListenStream"] == ["127.0.0.1:8501"]
    several = unit("takuuvahti@.service")
    assert several["ExecStart"] == [f"{UNIT_PYTHON} -m pages.server 850%i"]
    assert several["ExecStartPost"][0].endswith(" http://127.0.0.1:850%i 90")
    alone = unit("takuuvahti.service")
    differ = {"Description", "Requires", "After", "ExecStart", "ExecStartPost", "RestartSec"}
    assert {name: several[name] for name in several.keys() - differ} == {
        name: alone[name] for name in alone.keys() - differ
    }
    if analyze := shutil.which("systemd-analyze"):
        verified = subprocess.run(
            [analyze, "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
        )
        assert not [line for line in verified.stderr.splitlines() if "takuuvahti" in line]


def test_every_timer_starts_a_unit_that_is_there() -> None:
    for path in (DEPLOY / "systemd").glob("*.timer"):
        assert path.with_suffix(".service").exists()
    command = unit("takuuvahti-deliver.service")["ExecStart"][0]
    assert command.removeprefix(f"{UNIT_PYTHON} ") == "-m pipelines deliver"


def test_the_proxy_sends_every_header_once(proxy: Proxy) -> None:
    wanted = {**SECURITY_HEADERS, "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY}
    for path, status in (("/", 200), ("/_stcore/metrics", 404), ("/media/nothing.csv", 404)):
        answered, headers = fetch(f"{proxy.address}{path}")
        assert answered == status
        for name, value in wanted.items():
            assert [found for header, found in headers if header.lower() == name.lower()] == [value]


def test_the_proxys_own_answers_have_the_headers(
    certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = tmp_path_factory.mktemp("alone")
    for name in ("privkey.pem", "fullchain.pem"):
        shutil.copy(certificate / name, own / name)
    with nginx(free_port(), own, Proxy(free_port(), free_port())) as alone:
        status, headers = fetch(alone.address)
        assert status == 502
        alone_sends = SECURITY_HEADERS | {
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"
        }
        assert alone_sends.items() <= dict(headers).items()
        status, headers = fetch(f"http://localhost:{alone.plain}/queues?area=18")
        assert (status, dict(headers)["Location"]) == (301, "https://localhost/queues?area=18")


def test_the_proxy_logs_no_query(proxy: Proxy, certificate: Path) -> None:
    fetch(f"{proxy.address}/oauth2callback?code=abcdef&state=1")
    time.sleep(0.2)
    written = (certificate / "takuuvahti.log").read_text()
    assert '"GET /oauth2callback"' in written
    assert "abcdef" not in written


def page_through(browser: Browser, address: str) -> list[str]:
    """Open a page through a proxy until its script has run; returns the errors that the browser logs."""
    context = browser.new_context(ignore_https_errors=True, locale="fi-FI")
    context.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    try:
        page.goto(address)
        # Only what came over the WebSocket says these.
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(page.locator("html")).to_have_attribute("lang", "fi", timeout=PATIENCE)
        cookies = context.cookies()
    finally:
        context.close()
    assert cookies
    assert all(cookie["secure"] and cookie["sameSite"] == "Lax" for cookie in cookies)
    return faults


@pytest.mark.browser
@pytest.mark.parametrize("proxy", [False, True], ids=["as shipped", "default host"], indirect=True)
def test_a_page_loads_through_the_proxy(proxy: Proxy, browser: Browser) -> None:
    assert page_through(browser, proxy.address) == []


@pytest.mark.parametrize("default_host", [False, True])
def test_a_proxy_at_another_address_gets_no_websocket_for_its_pages(
    deployment: Deployment, certificate: Path, default_host: bool
) -> None:
    other = Proxy(free_port(), free_port())
    wanted = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    wanted |= {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": other.address}
    with nginx(deployment.port, certificate, other, default_host=default_host):
        # With its Host passed on, the proxy is simply the site that it says it is.
        expected = 403 if default_host else 101
        assert fetch(f"{other.address}/_stcore/stream", **wanted)[0] == expected


def test_a_restart_refuses_no_request(figures_settings: Settings, certificate: Path, tmp_path: Path) -> None:
    shutil.copytree(certificate, tmp_path / "own", ignore=shutil.ignore_patterns("nginx*"))
    ports = Proxy(free_port(), free_port())
    restarted = Deployment(figures_settings.warehouse, tmp_path, ports.address)
    asked: list[int] = []
    stopped = threading.Event()

    def ask_on() -> None:
        while not stopped.is_set():
            asked.append(fetch(f"{ports.address}/_stcore/health")[0])
            time.sleep(0.05)

    with ExitStack() as stack:
        stack.enter_context(restarted.listener)
        first = stack.enter_context(restarted.start())
        wait_for(restarted.port, first, tmp_path / "log")
        stack.enter_context(nginx(restarted.port, tmp_path / "own", ports))
        browsers = [threading.Thread(target=ask_on) for _browser in range(4)]
        for each in browsers:
            each.start()
        try:
            while len(asked) < 10:
                time.sleep(0.05)
            first.send_signal(signal.SIGTERM)
            first.wait(timeout=60)
            before = len(asked)
            second = stack.enter_context(restarted.start())
            wait_for(restarted.port, second, tmp_path / "log")
            while len(asked) < before + 10:
                time.sleep(0.05)
        finally:
            stopped.set()
            for each in browsers:
                each.join(timeout=60)
    assert set(asked) == {200}


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """A warehouse with two loads, one with a row set aside."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse", max_bad_rows_share=0.6)
    for number, day in enumerate(("31.3.2025", "1.4.2025")):
        rows = visits(visit(number + 1, visit=day), visit(number + 11, visit="31.2.2025"))
        report = load_bytes(
            f"{number}.csv",
            rows,
            LoadOptions(as_of=date(2025, 4, 1 + number)),
            settings,
            now=datetime(2025, 5, 1, 12, tzinfo=UTC).replace(tzinfo=None),
            today=date(2025, 5, 1),
        )
        assert report.status == LOADED
    return settings


def tables(warehouse: Path) -> dict[str, list[tuple]]:
    snapshot = published_snapshot(replace(load_settings({}), warehouse=warehouse))
    names = [name for (name,) in snapshot.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1")]
    # The names of files say nothing of what is in them.
    return {name: snapshot.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in names if name != "segments"}


def run(warehouse: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=environment(warehouse), capture_output=True, text=True, check=False
    )


def test_a_copy_put_back_is_the_same_warehouse(small: Settings, tmp_path: Path) -> None:
    copies, back = tmp_path / "copies", tmp_path / "back"
    old = copies / "takuuvahti-20200101T033000Z.zip"
    copies.mkdir()
    old.touch()
    os.utime(old, (0, 0))
    command = [
        word.replace("/var/backups/takuuvahti", str(copies))
        for word in unit_command("takuuvahti-backup.service")
    ]
    made = run(small.warehouse, *command)
    assert (made.returncode, made.stderr) == (0, "")
    copy = Path(made.stdout.strip())
    assert list(copies.iterdir()) == [copy], "the copy of years ago is deleted"
    assert copy.stat().st_mode & 0o077 == 0

    restored = run(back, sys.executable, "-m", "deploy.restore", str(copy))
    # `check` finds the two old extracts no longer fresh.
    assert restored.returncode == 1, restored.stderr
    left = {"loads", "meta"}
    before, after = tables(small.warehouse), tables(back)
    assert before.keys() == after.keys()
    assert {k: v for k, v in before.items() if k not in left} == {
        k: v for k, v in after.items() if k not in left
    }
    assert len(before["loads"]) == len(after["loads"]) == 2
    assert [p.name for p in sorted((back / "archive").rglob("*"))] == [
        p.name for p in sorted((small.warehouse / "archive").rglob("*"))
    ]
    with zipfile.ZipFile(copy) as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
    assert folders == {"archive", "quarantine"}


def test_nothing_is_put_back_over_a_warehouse_or_from_a_damaged_copy(small: Settings, tmp_path: Path) -> None:
    made = run(small.warehouse, sys.executable, "-m", "deploy.backup", str(tmp_path / "copies"))
    copy = Path(made.stdout.strip())
    over = run(small.warehouse, sys.executable, "-m", "deploy.restore", str(copy))
    assert over.returncode == 3
    assert "not empty" in over.stderr

    data = bytearray(copy.read_bytes())
    data[100:200] = bytes(100)
    copy.write_bytes(data)
    damaged = run(tmp_path / "back", sys.executable, "-m", "deploy.restore", str(copy))
    assert damaged.returncode == 3
    assert "Traceback" not in damaged.stderr
    assert not list((tmp_path / "back").glob("*"))

    nothing = run(tmp_path / "nothing", sys.executable, "-m", "deploy.backup", str(tmp_path / "copies"))
    assert nothing.returncode == 3
    assert "Traceback" not in nothing.stderr


def test_logs_are_rotated_under_the_services(tmp_path: Path) -> None:
    binary = program("logrotate")
    text = (DEPLOY / "logrotate.conf").read_text(encoding="utf-8")
    text = text.replace("/var/log/takuuvahti", str(tmp_path)).replace(
        "su takuuvahti takuuvahti", "su root root"
    )
    rules = tmp_path / "rules"
    rules.write_text(text)
    rules.chmod(0o644)
    log = tmp_path / "application.log"
    with log.open("a") as appended:
        appended.write("before\n")
        appended.flush()
        subprocess.run(
            [binary, "--force", "--state", tmp_path / "state", rules], check=True, capture_output=True
        )
        appended.write("after\n")
    assert log.read_text() == "after\n"
    assert (tmp_path / "application.log.1").read_text() == "before\n"


def test_every_file_the_container_takes_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    taken = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.M) for word in line.split()[:-1]]
    assert taken
    assert not [name for name in taken if not (ROOT / name).exists()]
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {"debian:13"}
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    stages = set(re.findall(r"^FROM \S+ AS (\w+)", text, re.M))
    assert set(re.findall(r"target: (\w+)", compose)) <= stages


def test_the_containers_are_the_processes_that_the_proxy_knows() -> None:
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    further = re.findall(r'"-m", "pages.server", "(\d+)"', compose)
    assert [SHIPPED[0], *map(int, further)] == list(SHIPPED)
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert f"--server.port={SHIPPED[0]}" in text


def test_the_containers_command_is_the_documented_start() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    commands = re.findall(r'^CMD \["\.venv/bin/python", "-m", "streamlit", "run", "app\.py"', text, re.M)
    assert len(commands) == 1
    assert "--server.address" not in text
