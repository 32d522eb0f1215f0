"""How long the engine takes for what each page asks, in the tests' runner of Streamlit, on a warehouse of a given folder.

Run with `python -m tests.bench.questions [FOLDER]`, by default over the county with five years behind it. Every page and each of
its tabs is opened once in a version that nobody has asked anything; what it asks is noted and then asked once more by itself,
three times, of which the quickest counts: with what a version computes once for all questions there, without any answer kept.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest

from pages.ui import cache, components
from pages.ui.page_registry import ENTRIES
from tests.bench.county import ROOT, county_settings
from tests.pages.app import open_page

#: Milliseconds that a question may take, at the 95th percentile and in the middle.
ALLOWED_P95, ALLOWED_MEDIAN = 100.0, 50.0
PAGES = tuple(entry.name for entry in ENTRIES)
_TIMES = 3


@dataclass
class View:
    """A page or one of its tabs: milliseconds of its first opening, and the milliseconds of each question by name."""

    page: str
    tab: str
    first: float
    questions: dict[str, float] = field(default_factory=dict)


@dataclass
class _Watch:
    """What is asked while a page is drawn, by name, and the tabs that it offers: parameter and codes."""

    asked: dict[str, Callable[[], Any]] = field(default_factory=dict)
    tabs: tuple[str, tuple[str, ...]] = ("", ())


def main(folder: Path | None = None) -> int:
    """Measure, print the table, and say by the exit code whether the questions kept what is allowed."""
    logging.disable(logging.ERROR)
    warehouse = folder or county_settings().warehouse
    os.environ["TAKUUVAHTI_WARM_UP"] = "false"
    os.environ["TAKUUVAHTI_ACCESS_RULES"] = str(ROOT / "tests/access/access.toml")
    views = []
    with pytest.MonkeyPatch.context() as patch:
        open_page(patch, warehouse, "definitions")
        for page in PAGES:
            view, tabs = _seen(patch, warehouse, page, {})
            views.append(view)
            for tab in tabs[1][1:]:
                views.append(_seen(patch, warehouse, page, {tabs[0]: tab})[0])
    print(f"{'page, tab':<40}{'first, ms':>10}{'questions':>11}{'slowest, ms':>12}  slowest")
    for view in views:
        name, slowest = max(view.questions.items(), key=lambda one: one[1], default=("", 0.0))
        print(
            f"{view.page + ' ' + view.tab:<40}{view.first:>10.0f}{len(view.questions):>11}{slowest:>12.0f}  {name}"
        )
    every = sorted(took for view in views for took in view.questions.values())
    middle, p95 = median(every), quantiles(every, n=20)[-1]
    print(
        f"\n{len(every)} questions: median {middle:.0f} ms, 95th percentile {p95:.0f} ms, slowest {every[-1]:.0f} ms"
    )
    return int(middle > ALLOWED_MEDIAN or p95 > ALLOWED_P95)


def _seen(
    patch: pytest.MonkeyPatch, warehouse: Path, page: str, address: dict[str, str]
) -> tuple[View, tuple[str, tuple[str, ...]]]:
    """A page opened in a version of which nothing is known, and its questions asked again; the tabs it offers."""
    cache.clear()
    with _watched() as watch:
        begun = time.perf_counter()
        open_page(patch, warehouse, page, **address)
        first = 1000 * (time.perf_counter() - begun)
    again = {name: min(_timed(ask) for _ in range(_TIMES)) for name, ask in watch.asked.items()}
    return View(page, " ".join(address.values()), first, again), watch.tabs


@contextmanager
def _watched() -> Iterator[_Watch]:
    watch, answer, tabs = _Watch(), cache.answer, components.tabs

    def answered(snapshot: Any, question: Any, settings: Any) -> Any:
        split = " ".join((question.by or "period", *question.splits))
        where = " ".join(name for name, _values in question.where)
        watch.asked[f"{question.indicator} {split}{' of ' * bool(where)}{where}"] = lambda: answer(
            snapshot, question, settings
        )
        return answer(snapshot, question, settings)

    def offered(parameter: str, labels: Any, *more: Any, **named: Any) -> Any:
        watch.tabs = (parameter, tuple(labels))
        return tabs(parameter, labels, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "answer", answered)
        patch.setattr(components, "tabs", offered)
        yield watch


def _timed(ask: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
