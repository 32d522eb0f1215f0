"""Imports run one way: pages → indicators → the warehouse reader and the settings; all of them know the catalogue."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.rules.repository import ROOT, imported_modules, page_files, place, python_files

#: What indicators and pages may know of the pipelines; the two command lines tell errors alike.
READING_SIDE = (
    *("pipelines.warehouse", "pipelines.settings", "pipelines.errors"),
    *(
        "pipelines.command_line",
        "pipelines.spreadsheet",
        "pipelines.identity_codes",
        "pipelines.key_strength",
    ),
)
#: What definitions, limits, labels, periods and datasets are.
CATALOGUE = "indicators.catalogue"
#: The upload page and what only it uses; everything else reaches the loader through `pages/ui/loading.py`.
LOADING_SIDE = {"pages/upload.py", "pages/text/upload.py", "pages/ui/loading.py", "pages/ui/jobs.py"}


def within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def faults(paths: Iterable[Path], forbidden: tuple[str, ...], allowed: tuple[str, ...] = ()) -> Iterator[str]:
    for path in paths:
        for module, node in imported_modules(path):
            if within(module, forbidden) and not within(module, allowed) and module not in parents(allowed):
                yield f"{place(path, node)} imports {module}"


def parents(allowed: tuple[str, ...]) -> set[str]:
    """`from pipelines import settings` names `pipelines` as well; what is taken from it is checked by itself."""
    return {package.rpartition(".")[0] for package in allowed} - {""}


def test_the_catalogue_knows_nothing_but_itself() -> None:
    forbidden = ("streamlit", "plotly", "duckdb", "pages", "app", "pipelines", "indicators")
    assert not list(faults(python_files("indicators/catalogue"), forbidden, (CATALOGUE,)))


def test_pipelines_know_the_catalogue_and_nothing_above_them() -> None:
    forbidden = ("streamlit", "plotly", "pages", "indicators", "app")
    assert not list(faults(python_files("pipelines"), forbidden, (CATALOGUE,)))


def test_indicators_know_the_warehouse_reader_and_nothing_that_draws() -> None:
    assert not list(
        faults(python_files("indicators"), ("streamlit", "plotly", "pages", "app", "pipelines"), READING_SIDE)
    )


def test_only_the_upload_page_knows_the_loader() -> None:
    others = [p for p in python_files("app.py", "pages") if place(p) not in LOADING_SIDE]
    assert not list(faults(others, ("pipelines",), READING_SIDE))


def test_pages_draw_through_the_shared_parts() -> None:
    assert not list(faults(page_files(), ("plotly", "duckdb")))


def test_nothing_imports_the_tests() -> None:
    assert not list(faults(python_files("app.py", "pages", "indicators", "pipelines"), ("tests", "pytest")))


#: What only projections need, and what only definitions, texts of further languages and other commands than `load`.
SLOW = {"statsmodels", "scipy"}
NOT_FOR_A_LOAD = {
    "babel",
    "holidays",
    "indicators.catalogue.definition",
    "pipelines.demo.write",
    "pipelines.suggest",
}


@pytest.mark.parametrize(
    ("module", "put_off"),
    [
        ("pages.text.projections", SLOW),
        ("pages.ui.prewarm", SLOW),
        ("indicators.cli", SLOW | {"babel", "pptx", "typst", "xlsxwriter"}),
        ("pipelines.cli", SLOW | NOT_FOR_A_LOAD),
    ],
)
def test_no_start_imports_what_only_some_uses_need(module: str, put_off: set[str]) -> None:
    code = f"import sys, {module}; assert not {put_off} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


#: Imports inside functions, each to put off what is heavy until it is needed: statistics; definitions of indicators, which
#: a file of rows with all its columns does without; Babel, only for languages that the files do not have themselves; public
#: holidays; reports and plans; and commands beside `load`, which is run most.
PUT_OFF = {
    "indicators/analysis/intervals.py imports scipy.stats",
    "indicators/analysis/projection.py imports statsmodels.regression.linear_model",
    "indicators/analysis/projection.py imports statsmodels.tsa.stattools",
    "indicators/catalogue/languages.py imports indicators.catalogue.messages",
    "indicators/catalogue/weekdays.py imports holidays",
    "indicators/cli.py imports indicators.plan_command",
    "indicators/cli.py imports indicators.report.make",
    "indicators/drawing/picture.py imports typst",
    "indicators/planning/runs.py imports scipy.special",
    "indicators/planning/survival.py imports statsmodels.duration.survfunc",
    "pages/ui/queue_booking.py imports pages.text.workbook",
    "pages/ui/report_buttons.py imports indicators.report.make",
    "pipelines/checking/codes.py imports indicators.catalogue.definition",
    "pipelines/checking/prepare.py imports pipelines.checking.lost_indicators",
    "pipelines/loading/blank_columns.py imports pipelines.checking.lost_indicators",
    # Windows does not have it.
    "pipelines/loading/memory.py imports resource",
    "pipelines/cli.py imports pipelines.delivery.send",
    "pipelines/cli.py imports pipelines.demo.write",
    "pipelines/cli.py imports pipelines.loading.rebuild",
    "pipelines/cli.py imports pipelines.loading.setup",
    "pipelines/cli.py imports pipelines.quality.check",
    "pipelines/cli.py imports pipelines.suggest.first_mapping",
    "pipelines/loading/rebuild.py imports pipelines.spark.segments",
    "pipelines/loading/rebuild.py imports pipelines.spark.session",
    "pipelines/spark/hashes.py imports duckdb",
    "pipelines/spark/hashes.py imports pyarrow",
    "pipelines/spark/session.py imports pyspark.errors",
    "pipelines/spark/session.py imports pyspark.sql",
}


def test_imports_inside_functions_put_off_what_is_heavy() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()} imports {getattr(node, 'module', module)}"
        for path in python_files("app.py", "pages", "indicators", "pipelines")
        for module, node in imported_modules(path)
        if node.col_offset
    }
    assert found == PUT_OFF


def test_no_module_imports_itself_by_a_detour() -> None:
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in python_files("pages", "indicators", "pipelines")
    }
    imports = {
        name: {module for module, _ in imported_modules(path) if module in files and module != name}
        for name, path in files.items()
    }
    # A package is imported with each of its modules; what it imports itself is looked at in its own name.
    for name, found in imports.items():
        found -= {module for module in found if name.startswith(f"{module}.")}
    assert list(TopologicalSorter(imports).static_order())
