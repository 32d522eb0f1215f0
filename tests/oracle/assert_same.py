"""Ask the engine and the oracle the same question and say where they differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from indicators.answers import answer
from indicators.engine.question import CONTRACT_COLUMNS, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from tests.oracle.model import Asked, Oracle, Result

#: What is compared as numbers.
NUMBERS = tuple(name for name in CONTRACT_COLUMNS if name != "status")
#: How far two numbers may lie apart.
PRECISION = 1e-9


def engine_question(asked: Asked) -> Question:
    """The question of the engine that asks the same, nothing hidden."""
    return Question(
        asked.indicator,
        by=asked.by,
        splits=asked.splits,
        area=asked.area,
        date_from=asked.date_from,
        date_to=asked.date_to,
        where=asked.where,
        suppress=False,
        rows_only=asked.rows_only,
    )


def engine_rows(snapshot: Snapshot, asked: Asked, settings: Settings) -> pd.DataFrame:
    """The engine's answer to a question, nothing hidden."""
    return answer(snapshot, engine_question(asked), settings).rows


def differences(
    oracle: Oracle, snapshot: Snapshot, asked: Asked, settings: Settings, most: int = 3
) -> list[str]:
    """What the engine says of rows otherwise than the oracle, in words; empty where they agree."""
    rows = engine_rows(snapshot, replace(asked, rows_only=True), settings)
    theirs = rows.to_dict("records")
    if {row["indicator"] for row in theirs} - {asked.indicator}:
        return [f"{asked}: rows of another indicator"]
    return [f"{asked}: {text}" for text in between(oracle.ask(asked), theirs, asked.splits)[:most]]


def between(
    mine: Iterable[Result], theirs: Iterable[Mapping[str, Any]], splits: tuple[str, ...]
) -> list[str]:
    """Differences between the oracle's rows and rows with the columns of an answer."""
    theirs = list(theirs)
    expected = {(row.period, row.split): row for row in mine}
    found = {(str(row["period"]), tuple(str(row[name]) for name in splits)): row for row in theirs}
    told = []
    if len(found) != len(theirs):
        told.append("a period and split comes twice")
    if [row["period_start"] for row in theirs] != sorted(row["period_start"] for row in theirs):
        told.append("not in the order of time")
    for key in sorted({*expected, *found}):
        if key not in found or key not in expected:
            there = "missing" if key in expected else "too many"
            told.append(f"{key} {there}: {expected.get(key) or _told(found[key])}")
            continue
        row = expected[key]
        same = (row.period_start, row.period_end) == (found[key]["period_start"], found[key]["period_end"])
        same = same and row.status == found[key]["status"]
        for name in NUMBERS:
            same = same and _same(getattr(row, name), found[key][name])
        if row.missing is not None and "missing" in found[key]:
            lacking = {(one.unit, one.service, one.newest, one.day) for one in found[key]["missing"] or ()}
            same = same and row.missing == lacking
        if row.left_out is not None:
            same = same and _same(row.left_out, found[key]["left_out"])
        if not same:
            told.append(f"{key} expected {row} but got {_told(found[key])}")
    return told


def _told(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in CONTRACT_COLUMNS)


def _same(mine: float | None, theirs: Any) -> bool:
    if mine is None or pd.isna(theirs):
        return mine is None and bool(pd.isna(theirs))
    return math.isclose(mine, float(theirs), rel_tol=PRECISION, abs_tol=PRECISION)
