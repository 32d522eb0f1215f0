"""Summaries answer as single rows do, and only where they are still right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue import prepared_rows
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.periods import Period, span
from indicators.catalogue.summaries import CODES, DAYS, DERIVED, SUMMARIES, Overview, Summary
from indicators.engine.choices import choices
from indicators.engine.coverage import data_coverage
from indicators.engine.question import Question
from indicators.engine.resolve import resolve
from indicators.kinds import queue, request, visits
from indicators.service_debt.debt import baseline_years, debt_areas
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from pipelines.warehouse.reader import current_version_path
from tests.pipelines.unsegmented import make_unsegmented

AREA = "18"
OF_ROWS = [one for one in load_definitions().values() if one.measure.dataset in ("visits", "queue")]
#: Weeks and months, a stretch that is made of them, and one that cuts a week and a month.
STRETCHES = ((date(2025, 3, 3), date(2025, 5, 31)), (date(2025, 3, 5), date(2025, 5, 28)))


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def _questions(indicator: str) -> Iterator[Question]:
    of = load_definitions()[indicator]
    base = Question(indicator, area=AREA)
    for grain in ("week", "month", "quarter", "year"):
        yield replace(base, by=grain)
    for split in of.dimensions:
        yield replace(base, by="quarter", splits=(split,))
        yield replace(base, by="month", splits=tuple(dict.fromkeys((of.dimensions[0], split))))
    filters = {
        "unit": ("TK-KOK-01", "HH-KOK-01"),
        "service": ("primary_care",),
        "profession": ("nurse", "unknown"),
        "first_visit": ("yes", "unknown"),
    }
    for name in filters.keys() & set(of.dimensions):
        yield replace(base, by="month", where=((name, filters[name]),))
        yield replace(base, by="week", splits=(name,), where=((name, filters[name]),))
    for first, last in STRETCHES:
        yield replace(base, periods=(span(first, last),))
        yield replace(base, periods=(span(first, last),), splits=of.dimensions[:1])


@pytest.mark.parametrize("indicator", [one.id for one in OF_ROWS])
def test_summaries_count_as_single_rows_do(
    indicator: str, snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [one for one in _questions(indicator) if resolve(snapshot, one, demo_settings).periods]
    by_summaries = [_counts(snapshot, question, demo_settings) for question in asked]
    monkeypatch.setattr(request, "SUMMARIES", ())
    for question, found in zip(asked, by_summaries, strict=True):
        counted = _counts(snapshot, question, demo_settings)
        pd.testing.assert_frame_equal(found, counted, check_exact=True)


def _counts(snapshot: Snapshot, question: Question, settings: Settings) -> pd.DataFrame:
    """What is counted with its cell keys, in the order of periods and splits."""
    of = resolve(snapshot, question, settings).request
    if of.measure.statistic == "units_covered":
        found = visits.units_covered(of, 80.0)
    elif of.measure.dataset == "visits":
        found = visits.compute(of)
    else:
        found = queue.compute(of, data_coverage(snapshot, "queue"))
    found = found.sort_values(["period", *question.splits], ignore_index=True)
    return found[sorted(found.columns)]


def _used(snapshot: Snapshot, question: Question, settings: Settings) -> str | None:
    rows = resolve(snapshot, question, settings).request.summary()
    return None if rows is None else rows.table


def test_a_summary_is_used_where_it_has_what_is_asked(snapshot: Snapshot, demo_settings: Settings) -> None:
    share = Question("seven_day_access", area=AREA, by="week", splits=("unit",))
    assert _used(snapshot, share, demo_settings) == "visits_summary"
    assert _used(snapshot, replace(share, indicator="queue_over_limit"), demo_settings) == "queue_summary"
    assert _used(snapshot, replace(share, splits=("wait_band",)), demo_settings) == "waits_summary"
    aged = replace(share, indicator="seven_day_access_vulnerable")
    assert _used(snapshot, aged, demo_settings) == "ages_summary"
    # The municipality is in none, nor are people.
    assert _used(snapshot, replace(share, splits=("municipality",)), demo_settings) is None
    assert _used(snapshot, replace(share, indicator="patients"), demo_settings) is None
    whole, cut = (replace(share, by=None, periods=(Period(*days, "stretch"),)) for days in STRETCHES)
    assert _used(snapshot, whole, demo_settings) == "visits_summary"
    assert _used(snapshot, cut, demo_settings) is None


def test_a_summary_made_by_other_limits_is_not_used(
    snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question("access_within_limit", area=AREA, by="month", suppress=False)
    assert _used(snapshot, question, demo_settings) == "visits_summary"
    before = answer(snapshot, question, demo_settings).rows
    monkeypatch.setattr(prepared_rows, "last_day_sql", lambda **_limits: "assessed_on + 1")
    opened = Warehouse(demo_settings.warehouse).current()
    assert _used(opened, question, demo_settings) is None
    after = answer(opened, question, demo_settings).rows
    assert (after["numerator"] < before["numerator"]).any()


@pytest.mark.parametrize("summary", SUMMARIES, ids=lambda one: one.table)
def test_every_row_that_counts_is_in_a_summary_once(snapshot: Snapshot, summary: Summary) -> None:
    counted = {"visits": "counted AND state = 'realised' AND client_contact", "queue": "counted"}
    (whole,) = snapshot.rows(
        f"""SELECT (SELECT sum(n) FROM {summary.table}),
                   (SELECT count(*) FROM {summary.dataset} WHERE {counted[summary.dataset]})"""
    )
    assert whole[0] == whole[1] > 0


@pytest.mark.parametrize("one", (*DAYS.values(), *CODES.values()), ids=lambda one: one.table)
def test_an_overview_is_what_the_rows_say(snapshot: Snapshot, one: Overview) -> None:
    stored, counted = (
        snapshot.rows(f"FROM {one.table} ORDER BY ALL"),
        snapshot.rows(f"FROM ({one.sql()}) ORDER BY ALL"),
    )
    assert stored == counted
    assert stored


def test_a_version_without_summaries_answers_from_its_rows(demo_settings: Settings, tmp_path: Path) -> None:
    copied = replace(demo_settings, warehouse=tmp_path / "warehouse")
    shutil.copytree(demo_settings.warehouse, copied.warehouse)
    make_unsegmented(copied)
    with duckdb.connect(str(current_version_path(copied.warehouse))) as older:
        older.execute("DELETE FROM meta WHERE key LIKE 'made_by_%'")
        for one in DERIVED:
            older.execute(f"DROP TABLE {one.table}")
    both = [Warehouse(folder).current() for folder in (demo_settings.warehouse, copied.warehouse)]
    question = Question("seven_day_access", area=AREA, by="month", splits=("unit",))
    found, as_rows = (answer(one, question, demo_settings) for one in both)
    pd.testing.assert_frame_equal(found.rows, as_rows.rows)
    assert found.loads == as_rows.loads
    assert [choices(one, "queue", AREA) for one in both[:1]] == [
        choices(one, "queue", AREA) for one in both[1:]
    ]
    assert debt_areas(both[0]) == debt_areas(both[1])
    assert baseline_years(both[0], AREA) == baseline_years(both[1], AREA)
