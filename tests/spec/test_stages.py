"""The stages of a wait: contact, assessment, booking, visit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from indicators.analysis.stages import STAGES, stages
from indicators.catalogue.definition import definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import period_of
from indicators.catalogue.prepared_rows import PATHS
from indicators.engine.question import Question
from indicators.kinds.request import CountRequest
from indicators.kinds.visits import compute, stage_days
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse

QUARTER = period_of(date(2025, 5, 1), "quarter")


@pytest.fixture(scope="module")
def demo(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def slow(snapshot: Snapshot, split: str) -> dict[str, tuple[Counter, list[int]]]:
    """Paths and days of each group, visit by visit."""
    rows = snapshot.frame(
        f"""SELECT coalesce({split}::VARCHAR, 'unknown') AS split, contacted_on, assessed_on, booked_on, visit_on
            FROM visits WHERE state = 'realised' AND client_contact AND counted AND area = '18'
              AND urgency = 'non_urgent' AND nature = 'curative'"""
    )
    found: dict[str, tuple[Counter, list[int]]] = {}
    for name, *dates in rows.itertuples(index=False):
        if dates[-1].date() not in QUARTER:
            continue
        paths, days = found.setdefault(name, (Counter(), [0, 0, 0]))
        missing = [path for path, day in zip(PATHS, dates, strict=False) if pd.isna(day)]
        path = missing[0] if missing else "complete" if sorted(dates) == dates else "reversed"
        paths[path] += 1
        if path == "complete":
            for stage in range(3):
                days[stage] += (dates[stage + 1] - dates[stage]).days
    return found


@pytest.mark.parametrize("split", ["unit", "profession"])
def test_visit_by_visit(split: str, demo: Snapshot, demo_settings: Settings) -> None:
    asked = Question("wait_median", splits=(split,), periods=(QUARTER,), suppress=False)
    found = stages(demo, asked, demo_settings).rows
    ours = {
        row.key[0]: ({path: n for path, n in row.paths.items() if n}, list(row.means or (0, 0, 0)))
        for row in found
    }
    assert ours == {
        name: (dict(paths), [Fraction(one, paths["complete"] or 1) for one in days])
        for name, (paths, days) in slow(demo, split).items()
    }
    assert sum(row.paths["reversed"] for row in found) > 0
    assert all(row.visits == sum(row.paths.values()) for row in found)


@pytest.mark.parametrize(
    ("contacted", "assessed", "booked", "path", "days"),
    # the visit is on 10 June
    [
        (2, 3, 5, "complete", (1, 2, 5)),
        (10, 10, 10, "complete", (0, 0, 0)),
        (4, 3, 5, "reversed", None),
        (2, 6, 5, "reversed", None),
        (2, 3, 11, "reversed", None),
        (None, 6, 5, "no_contact", None),
        (2, None, None, "no_assessment", None),
        (2, 3, None, "no_booking", None),
    ],
)
def test_how_a_path_is_known(
    contacted: int | None,
    assessed: int | None,
    booked: int | None,
    path: str,
    days: tuple[int, int, int] | None,
    tmp_path: Path,
) -> None:
    written = tmp_path / "one_visit.duckdb"
    with duckdb.connect(str(written)) as connection:
        connection.execute("CREATE TABLE meta (key VARCHAR, value VARCHAR)")
        connection.execute(
            """CREATE TABLE visits AS SELECT 'realised' AS state, true AS client_contact, true AS counted,
               'non_urgent' AS urgency, 'curative' AS nature, 'primary_care' AS service, '23+' AS age_group,
               NULL AS person, false AS age_uncertain, NULL::VARCHAR AS with_referral, $1::DATE AS contacted_on,
               $2::DATE AS assessed_on, $3::DATE AS booked_on, DATE '2025-06-10' AS visit_on""",
            [None if day is None else date(2025, 6, day) for day in (contacted, assessed, booked)],
        )
    snapshot, measure = Snapshot(written), definition("wait_median").of_rows().measure
    found = compute(CountRequest(snapshot, measure, [QUARTER], None, ("path",), ()))
    assert found[["path", "n_rows"]].to_numpy(object).tolist() == [[path, 1]]
    summed = stage_days(CountRequest(snapshot, measure, [QUARTER], None, (), ()))
    assert [tuple(row) for row in summed[[*STAGES]].to_numpy()] == ([] if days is None else [days])


def test_the_stages_sum_to_the_whole_exactly(demo: Snapshot, demo_settings: Settings) -> None:
    for suppress in (False, True):
        asked = Question("wait_median", by="month", splits=("unit",), suppress=suppress)
        told = [row for row in stages(demo, asked, demo_settings).rows if row.means is not None]
        assert len(told) > 100
        assert all(row.whole == sum(row.means) for row in told)


def test_small_counts_are_suppressed_and_others_perturbed(demo: Snapshot, demo_settings: Settings) -> None:
    asked = Question("wait_median", by="month", splits=("unit",))
    told = stages(demo, asked, demo_settings).rows
    bare = stages(
        demo, Question("wait_median", by="month", splits=("unit",), suppress=False), demo_settings
    ).rows
    hidden = 0
    for row, whole in zip(told, bare, strict=True):
        assert (row.period, row.key) == (whole.period, whole.key)
        for path, count in row.paths.items():
            assert (count is None) >= (0 < whole.paths[path] < 5)
            assert (count is None) <= (0 < whole.paths[path] <= 10)
            assert count is None or not 0 < count < 5
            assert count is None or (count == 0) == (whole.paths[path] == 0)
        if row.paths["complete"] is None:
            assert (row.means, row.status, row.coverage) == (None, "suppressed", None)
        if row.means is not None:
            assert [round(10 * mean) for mean in whole.means] == [10 * mean for mean in row.means]
        hidden += sum(count is None for count in row.paths.values())
    assert hidden > 0


def test_an_unsplit_question_has_a_row_for_each_period(demo: Snapshot, demo_settings: Settings) -> None:
    asked = Question("wait_median", by="quarter", date_from=date(2025, 1, 1), date_to=date(2025, 12, 31))
    found = stages(demo, asked, demo_settings).rows
    assert [row.period.label for row in found] == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert {row.key for row in found} == {()}
    assert all(0 < row.coverage < 100 and row.status == "ok" for row in found)


def test_a_question_without_waits_is_refused(demo: Snapshot, demo_settings: Settings) -> None:
    with pytest.raises(BadQuestion):
        stages(demo, Question("queue_length"), demo_settings)


def test_units_of_the_reader_are_exact(demo: Snapshot, demo_settings: Settings) -> None:
    """A manager's own means are neither rounded nor suppressed for being of few paths, those of others as for anybody."""
    week = period_of(date(2025, 5, 6), "week")
    asked = Question("wait_median", splits=("unit",), periods=(week,), suppress=False)
    exact, shared = (
        {row.key[0]: row for row in stages(demo, one, demo_settings).rows}
        for one in (asked, replace(asked, suppress=True))
    )
    for mine in [unit for unit in shared if shared[unit] != exact[unit]]:
        one = replace(asked, suppress=True, exact_units=(mine,))
        found = {row.key[0]: row for row in stages(demo, one, demo_settings).rows}
        assert found == shared | {mine: exact[mine]}
        filtered = replace(one, splits=()).narrowed("unit", mine)
        assert (
            stages(demo, filtered, demo_settings).rows
            == stages(demo, replace(filtered, suppress=False), demo_settings).rows
        )
        break
    else:
        pytest.fail("no unit differs")
