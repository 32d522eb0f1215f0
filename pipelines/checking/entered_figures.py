"""Columns that the rules of figures, targets, milestones and measures are about, computed from several fields of a row.

These datasets may be entered by hand; an entry passes the same rules as a file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from pipelines.checking.codes import (
    COMPARATORS,
    DIRECTIONS,
    MEASURE_UNITS,
    MONTHS,
    Indicator,
    Meaning,
    shipped_indicators,
)
from pipelines.checking.fields import CHOICES, COUNTS, NUMBERS, PART_OF, SHARES, WITH_DECIMALS
from pipelines.checking.rows import Rows, distinct, per_row
from pipelines.mapping.recognise import fold
from pipelines.reading.numbers import is_percent, number
from pipelines.reading.parsed import AMBIGUOUS, BLANK, NOT_READ, READ
from pipelines.reading.table import coded
from pipelines.warehouse.scales import STEPPED, is_step, step_number, steps_of

SHARE, EUROS, DAYS = "percent", "euros", "days"
#: What an id of a measure may be: it is part of addresses and file names.
_ID = re.compile(r"[a-z][a-z0-9_]{0,79}")
#: The number of a word that is no step of its scale; no scale has it.
_NO_STEP = "-1"
_WHOLE = 100.0
#: Decimals a written number is looked at for.
_MOST_DECIMALS = 6
#: What floating-point numbers may be off by.
_NEARLY = 1e-9


def entered_columns(rows: Rows, meaning: Meaning) -> dict[str, np.ndarray]:
    """The columns of the rules in `pipelines.checking.fields.entered_rules`, one value per row."""
    if rows.dataset == "measures":
        return _measure_columns(rows)
    if rows.dataset != "milestones" and rows.dataset not in NUMBERS:
        return {}
    known = meaning.indicators
    columns = {"cited_source:given": rows.reading("cited_source")}
    if rows.dataset == "milestones":
        return columns | {"status:scale": _pairs(rows, "status", "scale", _off_scale)}
    columns["indicator:known"] = _texts(rows, "indicator", known.__contains__)
    columns["unit:indicator"] = _pairs(rows, "unit", "indicator", _wrong_unit(rows.dataset, known))
    columns["value:step"] = _pairs(rows, "value", "indicator", _off_steps(known))
    unit = _units(rows, known)
    share = unit == SHARE
    stepped = np.isin(unit, STEPPED)
    debts = [
        indicator in known and known[indicator].below_zero
        for indicator in rows.texts["indicator"].to_pylist()
    ]
    signed = (unit == EUROS) | per_row(np.array(debts, dtype=bool), rows.codes["indicator"], False)
    numbers = {name: rows.values(name) for name in NUMBERS[rows.dataset]}
    known_unit = np.isin(unit, sorted(MEASURE_UNITS - {SHARE}))
    columns["value:percent"] = np.where(
        known_unit, _texts(rows, "value", lambda text: not is_percent(text)), READ
    ).astype(np.int8)
    ambiguous = rows.ambiguous("value") & ~np.isin(unit, sorted(WITH_DECIMALS))
    columns["value:counted"] = np.where(ambiguous, AMBIGUOUS, READ).astype(np.int8)
    value = numbers["value"] = np.where(ambiguous, np.nan, numbers["value"])
    columns["value:share"] = np.where(share, value, np.nan)
    for name in set(numbers) - {"denominator"}:
        columns[f"{name}:least"] = np.where(share | signed | stepped, np.nan, numbers[name])
    if rows.dataset == "targets":
        columns["comparator:needed"] = _needed(rows, "comparator", "value")
        columns["comparator:known"] = _texts(rows, "comparator", lambda text: text in COMPARATORS)
        direction = _texts(rows, "comparator", lambda text: text not in DIRECTIONS)
        columns["comparator:level"] = np.where(rows.reading("value") == BLANK, READ, direction).astype(
            np.int8
        )
        return columns
    columns["period_end:calendar"] = _calendar_periods(rows)
    numerator, denominator = numbers["numerator"], numbers["denominator"]
    columns["numerator:needed"] = _needed(rows, "numerator", "denominator")
    columns["denominator:needed"] = _needed(rows, "denominator", "numerator")
    # 0 / 0 is no share.
    columns["denominator:positive"] = np.where((numerator == 0) & (denominator == 0), np.nan, denominator)
    computed = np.full(rows.count, np.nan)
    np.divide(numerator, denominator, out=computed, where=denominator > 0)
    computed = np.where(share, _WHOLE, 1.0) * computed
    columns["numerator:share"] = np.where(share, computed, np.nan)
    columns["value:apart"] = np.abs(value - computed) / _last_decimal(value)
    return columns


def number_steps(rows: Rows, meaning: Meaning) -> None:
    """Replace the words of stages, yes and no with the numbers of their steps; a word off the scale becomes no step."""
    if rows.dataset not in NUMBERS or rows.count == 0:
        return
    indicators, values = rows.texts["indicator"].to_pylist(), rows.texts["value"].to_pylist()
    codes, written = rows.codes["value"].copy(), list(values)
    for value, indicator in np.unique(np.stack([codes, rows.codes["indicator"]]), axis=1).T:
        meant = meaning.indicators.get(indicators[indicator]) if indicator >= 0 else None
        if value < 0 or meant is None or meant.unit not in STEPPED or number(values[value]) is not None:
            continue
        step = step_number(values[value], meant.unit, meant.steps)
        codes[(rows.codes["value"] == value) & (rows.codes["indicator"] == indicator)] = len(written)
        written.append(_NO_STEP if step is None else str(step))
    if len(written) > len(values):
        rows.rewrite_numbers(
            "value", distinct(codes, coded(codes, pa.array(written, pa.string())).dictionary)
        )


def _off_steps(known: Mapping[str, Indicator]) -> Callable[[str, str], bool]:
    """Whether a value of an indicator in steps is none of them."""

    def off(value: str, indicator: str) -> bool:
        meant, step = known.get(indicator), number(value)
        if meant is None or meant.unit not in STEPPED:
            return False
        return step is None or not is_step(step, meant.unit, meant.steps)

    return off


def _measure_columns(rows: Rows) -> dict[str, np.ndarray]:
    columns = {"cited_source:given": rows.reading("cited_source")}
    columns["measure:form"] = _texts(rows, "measure", lambda text: _ID.fullmatch(text) is not None)
    columns["measure:free"] = _texts(rows, "measure", lambda text: text not in shipped_indicators())
    for name, choices in CHOICES.items():
        columns[f"{name}:choice"] = _texts(rows, name, choices.__contains__)
    return columns


def counted_columns(dataset: str, numbers: Callable[[str], np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns that `counted_rules` checks, one value per row; `numbers` gives those of a field."""
    columns = {f"{name}:least": numbers(name) for name in COUNTS.get(dataset, ())}
    columns |= {f"{name}:share": numbers(name) for name in SHARES.get(dataset, ())}
    if dataset in PART_OF:
        part, whole = PART_OF[dataset]
        columns[f"{part}:excess"] = numbers(part) - numbers(whole)
    return columns


def _calendar_periods(rows: Rows) -> np.ndarray:
    """NOT_READ where a figure's days lie in no calendar period: from one year to another, and no week."""
    found = np.full(rows.count, READ, dtype=np.int8)
    stretches = np.stack([rows.days("period_start"), rows.days("period_end")], axis=1)
    for first, last in np.unique(stretches[~np.isnat(stretches).any(axis=1)], axis=0):
        if first <= last and not in_calendar_period(first.item(), last.item()):
            found[(stretches == (first, last)).all(axis=1)] = NOT_READ
    return found


def in_calendar_period(first: dt.date, last: dt.date) -> bool:
    """Whether a stretch of days, both ends included, lies within one calendar year or one ISO week.

    >>> in_calendar_period(dt.date(2022, 1, 1), dt.date(2022, 2, 15))
    True
    >>> in_calendar_period(dt.date(2024, 8, 1), dt.date(2025, 7, 31))
    False
    """
    return first.year == last.year or first.isocalendar()[:2] == last.isocalendar()[:2]


def _units(rows: Rows, known: Mapping[str, Indicator]) -> np.ndarray:
    """Return the unit of each row: as written, else that of its indicator."""
    texts = rows.texts["indicator"].to_pylist()
    own = np.array([known[text].unit if text in known else "" for text in texts], dtype=object)
    written = np.array(rows.texts["unit"].to_pylist(), dtype=object)
    unit = per_row(written, rows.codes["unit"], "")
    return np.where(rows.codes["unit"] < 0, per_row(own, rows.codes["indicator"], ""), unit)


def _last_decimal(values: np.ndarray) -> np.ndarray:
    """One of the last decimal each number has: 0.01 of 88.58, 1 of 90; a little more for floating-point numbers."""
    step = np.full(len(values), 10.0**-_MOST_DECIMALS)
    for decimals in reversed(range(_MOST_DECIMALS)):
        step[np.abs(np.round(values, decimals) - values) < _NEARLY] = 10.0**-decimals
    return step * (1 + _NEARLY) + _NEARLY


def _needed(rows: Rows, name: str, other: str) -> np.ndarray:
    """Return the reading of a field that is required where another is given; READ elsewhere."""
    asked = rows.reading(other) != BLANK
    return np.where(asked, rows.reading(name), READ).astype(np.int8)


def direction_reading(rows: Rows) -> np.ndarray:
    """READ where a target has a direction, which replaces a level; else BLANK."""
    is_direction_text = [text.strip().lower() in DIRECTIONS for text in rows.texts["comparator"].to_pylist()]
    is_direction = per_row(np.array(is_direction_text, dtype=bool), rows.codes["comparator"], False)
    return np.where(is_direction, READ, BLANK).astype(np.int8)


def _texts(rows: Rows, name: str, fits: Callable[[str], bool]) -> np.ndarray:
    """READ where a field is blank or its text fits, else NOT_READ."""
    per_text = [READ if fits(text) else NOT_READ for text in rows.texts[name].to_pylist()]
    return per_row(np.array(per_text, dtype=np.int8), rows.codes[name], READ)


def _pairs(rows: Rows, name: str, other_name: str, wrong: Callable[[str, str], bool]) -> np.ndarray:
    """NOT_READ where two texts of a row do not go together; READ where they do or one is blank."""
    found = np.full(rows.count, READ, dtype=np.int8)
    texts, others = rows.texts[name].to_pylist(), rows.texts[other_name].to_pylist()
    codes, other_codes = rows.codes[name], rows.codes[other_name]
    for pair in np.unique(np.stack([codes, other_codes]), axis=1).T:
        at, other = (int(code) for code in pair)
        if at >= 0 and other >= 0 and wrong(texts[at], others[other]):
            found[(codes == at) & (other_codes == other)] = NOT_READ
    return found


def _wrong_unit(dataset: str, known: Mapping[str, Indicator]) -> Callable[[str, str], bool]:
    """Whether a known unit is not that of its indicator; a target of days may be in months."""

    def wrong(unit: str, indicator: str) -> bool:
        own = known[indicator].unit if indicator in known else None
        months = dataset == "targets" and own == DAYS and unit == MONTHS
        return own is not None and unit in MEASURE_UNITS and unit != own and not months

    return wrong


def _off_scale(status: str, scale: str) -> bool:
    """Whether a milestone's status is none of the steps of its scale, or no share where the scale is one."""
    steps = steps_of(scale)
    if steps:
        return fold(status) not in {fold(step) for step in steps}
    if "%" not in scale:
        return False
    share = number(status.replace("%", "").strip())
    return share is None or not 0 <= share <= _WHOLE
