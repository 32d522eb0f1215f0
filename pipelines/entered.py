"""What the rules of figures, targets and milestones are stated on: columns made from several fields of a row.

These are the datasets a person may write by hand; an entry passes the same rules as a file.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.codes import COMPARATORS, MEASURE_UNITS, below_zero, indicator_units
from pipelines.datasets import NUMBERS, WITH_DECIMALS
from pipelines.parsing import AMBIGUOUS, BLANK, NOT_READ, READ, is_percent, number
from pipelines.recognise import fold
from pipelines.rows import Rows, per_row

SHARE, EUROS, DAYS, MONTHS = "percent", "euros", "days", "months"
_WHOLE = 100.0
#: Decimals a written number is looked at for.
_MOST_DECIMALS = 6
#: What floating-point numbers may be off by.
_NEARLY = 1e-9


def entered_columns(rows: Rows) -> dict[str, np.ndarray]:
    """The columns of the rules in `pipelines.datasets.entered_rules`, one value per row."""
    if rows.dataset != "milestones" and rows.dataset not in NUMBERS:
        return {}
    columns = {"cited_source:told": rows.reading("cited_source")}
    if rows.dataset == "milestones":
        return columns | {"status:scale": _pairs(rows, "status", "scale", _off_scale)}
    columns["unit:indicator"] = _pairs(rows, "unit", "indicator", _wrong_unit(rows.dataset))
    unit = _units(rows)
    share = unit == SHARE
    debts = [indicator in below_zero() for indicator in rows.texts["indicator"].to_pylist()]
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
        columns[f"{name}:least"] = np.where(share | signed, np.nan, numbers[name])
    if rows.dataset == "targets":
        columns["comparator:needed"] = _needed(rows, "comparator", "value")
        columns["comparator:known"] = _texts(rows, "comparator", lambda text: text in COMPARATORS)
        return columns
    numerator, denominator = numbers["numerator"], numbers["denominator"]
    columns["numerator:needed"] = _needed(rows, "numerator", "denominator")
    columns["denominator:needed"] = _needed(rows, "denominator", "numerator")
    # Nothing of nothing is no share, and says so: 0 / 0.
    columns["denominator:positive"] = np.where((numerator == 0) & (denominator == 0), np.nan, denominator)
    computed = np.full(rows.count, np.nan)
    np.divide(numerator, denominator, out=computed, where=denominator > 0)
    computed = np.where(share, _WHOLE, 1.0) * computed
    columns["numerator:share"] = np.where(share, computed, np.nan)
    columns["value:apart"] = np.abs(value - computed) / _last_decimal(value)
    return columns


def _units(rows: Rows) -> np.ndarray:
    """The unit each row is in: as written, else that of its indicator."""
    known = indicator_units()
    own = np.array([known.get(text, "") for text in rows.texts["indicator"].to_pylist()], dtype=object)
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
    """A field that must be given where another is: how it came out, READ where nothing asks for it."""
    asked = rows.reading(other) != BLANK
    return np.where(asked, rows.reading(name), READ).astype(np.int8)


def _texts(rows: Rows, name: str, fits: Callable[[str], bool]) -> np.ndarray:
    """READ where a field is blank or its text fits, else NOT_READ."""
    per_text = [READ if fits(text) else NOT_READ for text in rows.texts[name].to_pylist()]
    return per_row(np.array(per_text, dtype=np.int8), rows.codes[name], READ)


def _pairs(rows: Rows, name: str, beside: str, wrong: Callable[[str, str], bool]) -> np.ndarray:
    """NOT_READ where two texts of a row do not go together; READ where they do or one is blank."""
    found = np.full(rows.count, READ, dtype=np.int8)
    texts, others = rows.texts[name].to_pylist(), rows.texts[beside].to_pylist()
    codes, beside_codes = rows.codes[name], rows.codes[beside]
    for pair in np.unique(np.stack([codes, beside_codes]), axis=1).T:
        at, other = (int(code) for code in pair)
        if at >= 0 and other >= 0 and wrong(texts[at], others[other]):
            found[(codes == at) & (beside_codes == other)] = NOT_READ
    return found


def _wrong_unit(dataset: str) -> Callable[[str, str], bool]:
    """Whether a unit is another than that of its indicator; a target of days may be promised in months.

    Of a unit that is not known nothing is said here: it is an unknown code.
    """

    def wrong(unit: str, indicator: str) -> bool:
        own = indicator_units().get(indicator)
        months = dataset == "targets" and own == DAYS and unit == MONTHS
        return own is not None and unit in MEASURE_UNITS and unit != own and not months

    return wrong


def steps_of(scale: str) -> tuple[str, ...]:
    """The steps of a milestone's scale; empty where it is a share in per cent or free.

    >>> steps_of("kuvattu/ei kuvattu"), steps_of("valmistumisaste %")
    (('kuvattu', 'ei kuvattu'), ())
    """
    steps = tuple(step.strip() for step in scale.split("/"))
    return steps if len(steps) > 1 and all(steps) else ()


def _off_scale(status: str, scale: str) -> bool:
    """Whether a milestone's status is none of the steps of its scale, or no share where the scale is one."""
    steps = steps_of(scale)
    if steps:
        return fold(status) not in {fold(step) for step in steps}
    if "%" not in scale:
        return False
    share = number(status.replace("%", "").strip())
    return share is None or not 0 <= share <= _WHOLE
