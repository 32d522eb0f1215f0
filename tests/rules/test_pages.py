"""Laws of the pages: what a page shows comes from its view, and words and charts know no Streamlit."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from pages.ui.page_registry import ENTRIES, FORMER
from pages.views.view import PageView, WithoutQuestions
from tests.rules.repository import ROOT, imported_modules, page_files, place, python_files, tree

#: The functions of the cache that give answers and facts of the published version.
READING = {"ask", "cached_call"}
#: Modules that compute answers.
ENGINE = ("indicators.answers", "indicators.engine.from_data.answer_from_data", "indicators.cli")


def reads_of_the_cache(files: list) -> list[str]:
    return [
        f"{place(path, node)}: {node.attr}"
        for path in files
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in READING
        and isinstance(node.value, ast.Name)
        and node.value.id == "cache"
    ]


def test_a_page_reads_through_its_view_alone() -> None:
    assert not reads_of_the_cache(page_files())
    assert not [
        f"{place(path, node)}: {module}"
        for path in page_files()
        for module, node in imported_modules(path)
        if module in ENGINE or module in {f"pages.ui.cache.{name}" for name in READING}
    ]


def test_only_views_ask_questions() -> None:
    others = [path for path in python_files("app.py", "pages") if path.parent.name != "views"]
    assert not [place for place in reads_of_the_cache(others) if place.endswith(": ask")]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_page_names_the_view_of_its_registry_entry(entry) -> None:
    assert issubclass(entry.view, PageView)
    [path] = [path for path in page_files() if path.stem == entry.name]
    names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    assert entry.view is WithoutQuestions or entry.view.__name__ in names


def test_every_page_is_in_the_registry() -> None:
    assert {path.stem for path in page_files()} == {entry.name for entry in ENTRIES} | set(FORMER)


@pytest.mark.parametrize("room", ["text", "charts", "views"])
def test_words_charts_and_views_know_no_streamlit(room: str) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in python_files(f"pages/{room}")
    ]
    check = f"import sys, {', '.join(modules)}; assert 'streamlit' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)
