"""What several kinds of tests share: a key of their own, and the first warehouse with its demo data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache

import hypothesis
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Error, sync_playwright
from streamlit.components.v2 import manifest_scanner

from pipelines.loading.setup import set_up
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.audit import AUDIT
from tests.access.sign_in import RULES

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("takuuvahti", deadline=None)
hypothesis.settings.load_profile("takuuvahti")

#: Not a secret: the key of warehouses that tests make and throw away.
TEST_KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session", autouse=True)
def _own_key() -> Iterator[None]:
    """No test reads or makes the key of the person who runs it, or writes to their warehouse."""
    names = ("TAKUUVAHTI_KEY", "TAKUUVAHTI_WAREHOUSE", "TAKUUVAHTI_ACCESS_RULES")
    before = {name: os.environ.get(name) for name in names}
    os.environ["TAKUUVAHTI_KEY"] = TEST_KEY
    os.environ["TAKUUVAHTI_ACCESS_RULES"] = str(RULES)
    os.environ.pop("TAKUUVAHTI_WAREHOUSE", None)
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session", autouse=True)
def _components_found_once() -> Iterator[None]:
    """Streamlit looks through every installed package for components at each run of a page; here they stay the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session")
def demo_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the warehouse that `python -m pipelines setup --scale small` makes. To be read, not written.

    The golden values rest on the small demo, and it is loaded in a moment; `setup` alone loads the showcase.
    """
    return _first_warehouse(tmp_path_factory, "first", demo=None)


@pytest.fixture(scope="session")
def figures_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a warehouse with the shipped figures alone. To be read, not written."""
    return _first_warehouse(tmp_path_factory, "figures", demo=False)


def _first_warehouse(factory: pytest.TempPathFactory, name: str, *, demo: bool | None) -> Settings:
    """A warehouse made once for all processes of a test run; the others wait for the one that makes it."""
    shared = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    settings = replace(load_settings({}), warehouse=shared / name / "warehouse")
    with FileLock(shared / f"{name}.lock"):
        if not settings.warehouse.exists():
            making = replace(settings, warehouse=shared / f"{name}-in-making" / "warehouse")
            set_up(making, demo=demo, scale="small", today=TODAY, now=NOW, loaded_by="tests")
            making.warehouse.parent.rename(settings.warehouse.parent)
    return settings


def start_from(made: Settings, settings: Settings) -> None:
    """Begin with a copy of a warehouse that another test run made: the same as setting it up, in a moment.

    Without its audit log, in which stands who opened pages of it in other tests.
    """
    shutil.copytree(made.warehouse, settings.warehouse, ignore=shutil.ignore_patterns(AUDIT))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one playwright knows; without either the test is skipped, loudly.

    With TAKUUVAHTI_REQUIRE_BROWSER=1 that is an error. Of a module alone: its driver runs an event loop, beside which the tests
    of another module could run none of their own.
    """
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error as error:
            reason = f"NO BROWSER: install chromium to run the browser tests ({str(error).splitlines()[0]})"
            if os.environ.get("TAKUUVAHTI_REQUIRE_BROWSER") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
        yield opened
        opened.close()
