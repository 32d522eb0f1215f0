"""Why a period of an answer is incomplete: whose data ends before it does, and whether the day of an extract was guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from indicators.engine.question import INCOMPLETE, Answer
from pipelines.warehouse import Snapshot

#: How the data of a unit falls short of a period: it ends before the period does, begins after it, or has a gap in it.
ENDS, BEGINS, GAP = "ends", "begins", "gap"
#: The finding of a load whose extract date nothing stated.
ASSUMED = "extract_date_assumed"
#: The option of `load` that states what was guessed.
OPTION = "--as-of"


@dataclass(frozen=True)
class Shortfall:
    """A source whose data does not cover all days of a period for some units.

    `day` is the last day known where the data ends early and the first one where it begins late. `extract_date` is that of
    the newest load of the source; `assumed` whether it was guessed, as nothing stated it.
    """

    how: str
    source: str
    units: tuple[str, ...]
    day: date
    extract_date: date | None
    assumed: bool


def shortfalls(snapshot: Snapshot, answer: Answer) -> list[tuple[Shortfall, ...]]:
    """For each row of an answer what makes its period incomplete; nothing where days are not what is missing.

    Of a queue the answer's own list of missing queues says it.
    """
    rows, dataset = answer.rows, answer.definition.measure.dataset
    incomplete = rows["status"] == INCOMPLETE
    if dataset is None or dataset == "queue" or not incomplete.any():
        return [()] * len(rows)
    lacking = [
        tuple(unit for unit in answer.missing_units.get(label, ()) if f" {unit} " in f" {note} ")
        for label, note in zip(rows["period"], rows["note"], strict=True)
    ]
    covered = _covered(snapshot, dataset, {unit for units in lacking for unit in units})
    newest = _newest_loads(snapshot, dataset)
    found: dict[tuple[tuple[str, ...], date, date], tuple[Shortfall, ...]] = {}
    said = []
    for is_incomplete, units, first, last in zip(
        incomplete, lacking, rows["period_start"], rows["period_end"], strict=True
    ):
        key = (units if is_incomplete else (), first, last)
        if key not in found:
            found[key] = tuple(_of_period(key[0], first, last, covered, newest))
        said.append(found[key])
    return said


def _of_period(
    units: Iterable[str],
    first: date,
    last: date,
    covered: Mapping[str, pd.DataFrame],
    newest: Mapping[tuple[str, str], tuple[date, bool]],
) -> Iterator[Shortfall]:
    """The shortfalls of some units in a period, those of a source and kind as one."""
    groups: dict[tuple[str, str, str], list[tuple[str, date]]] = {}
    for unit in units:
        if unit not in covered:
            continue
        stretches = covered[unit]
        ends, begins = (
            stretches.loc[stretches["last_on"].idxmax()],
            stretches.loc[stretches["first_on"].idxmin()],
        )
        if ends["last_on"] < last:
            key, day = (ENDS, ends["source"], ends["origin"]), ends["last_on"]
        elif begins["first_on"] > first:
            key, day = (BEGINS, begins["source"], begins["origin"]), begins["first_on"]
        else:
            key, day = (GAP, ends["source"], ends["origin"]), ends["last_on"]
        groups.setdefault(key, []).append((unit, day))
    for (how, source, origin), of in groups.items():
        extract_date, assumed = newest.get((source, origin), (None, False))
        days = [day for _, day in of]
        day = max(days) if how == BEGINS else min(days)
        yield Shortfall(how, source, tuple(unit for unit, _ in of), day, extract_date, assumed)


def _covered(snapshot: Snapshot, dataset: str, units: set[str]) -> dict[str, pd.DataFrame]:
    """The covered stretches of some units with their sources."""
    rows = snapshot.rows(
        """SELECT unit, source, origin, first_on, last_on FROM covered WHERE dataset = ?
           ORDER BY unit, first_on, last_on, source, origin""",
        [dataset],
    )
    columns = ["unit", "source", "origin", "first_on", "last_on"]
    frame = pd.DataFrame([row for row in rows if row[0] in units], columns=columns, dtype=object)
    return {str(unit): of.reset_index(drop=True) for unit, of in frame.groupby("unit")}


def _newest_loads(snapshot: Snapshot, dataset: str) -> dict[tuple[str, str], tuple[date, bool]]:
    """By source and origin the extract date of the newest active load with rows of a dataset, and whether it was guessed."""
    rows = snapshot.rows(
        "SELECT source, origin, extract_date, findings, parts FROM loads WHERE status = 'loaded' "
        "ORDER BY extract_date, sequence"
    )
    return {
        (source, origin): (day, any(one["code"] == ASSUMED for one in json.loads(findings)))
        for source, origin, day, findings, parts in rows
        if any(part["dataset"] == dataset for part in json.loads(parts))
    }


def stated_for(period_end: date) -> date:
    """The first extract date at which data without a stated window covers a period to its end: the day after it."""
    return period_end + timedelta(days=1)
