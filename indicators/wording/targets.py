"""Targets in words: a level with its comparison, or the wording of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from indicators.catalogue.definition import Definition
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Actual, Target
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pipelines.warehouse.scales import STEPPED

#: A wording longer than this is a sentence: its level is shown instead.
SHORT_WORDING = 14
_DECIMALS_OF_TARGETS = 2
WHOLE_PCT = 100.0
#: The quantile of a median.
HALF = 0.5
#: How a target's comparator reads before its value.
COMPARATORS: Mapping[str, str] = {
    ">=": N_("at least {value}"),
    ">": N_("over {value}"),
    "<=": N_("at most {value}"),
    "<": N_("under {value}"),
    "=": N_("{value}"),
}
#: How a target's comparator is written before its value.
SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "=": "="}
#: How a direction reads: a target compared with the year before.
DIRECTIONS: Mapping[str, str] = {
    "increases": N_("higher than the year before"),
    "decreases": N_("lower than the year before"),
}


def target_words(target: Target, definition: Definition) -> str:
    """A target's level with its comparator, or its direction: at least 80 %."""
    if target.is_direction:
        return _(DIRECTIONS[str(target.comparator)])
    if target.value is None or target.comparator is None:
        return target.as_written
    decimals = 0 if float(target.value).is_integer() else definition.decimals
    level = (
        formats.percent(target.value, decimals)
        if definition.is_share
        else formats.value(target.value, definition)
    )
    return compared(target, level)


def compared(target: Target, amount_words: str) -> str:
    """A level in words with its comparator; of a share of at least 100 % and of at most nothing one word."""
    if target.comparator == ">=" and target.unit == "percent" and target.value == WHOLE_PCT:
        return _("all of them")
    if target.comparator == "<=" and target.value == 0:
        return _("none of them")
    return _(COMPARATORS[str(target.comparator)]).format(value=amount_words)


def percentile(actual: Actual, definition: Definition) -> str:
    """What a percentile of waits says; empty of anything else."""
    if definition.measure.statistic != "quantile" or not actual.has_value:
        return ""
    if definition.measure.quantile == HALF:
        return _("half waited at most this")
    return _("{share} waited at most this").format(
        share=formats.percent(100 * float(definition.measure.quantile or 0.0), 0)
    )


def level(target: Target, definition: Definition | None) -> str:
    """A target's level with its comparison, in the unit it was written in: ≥ 80 %, < 1 kk; empty where it has none."""
    if target.is_direction and definition is not None:
        return target_words(target, definition)
    if target.value is None or target.comparator is None:
        return ""
    return f"{SIGNS[target.comparator]}{formats.NBSP}{level_amount(target, definition)}"


def level_amount(target: Target, definition: Definition | None) -> str:
    """The number of a target's level in its own unit; of a stage, or yes and no, the step of that number."""
    if target.value is None:
        return ""
    if target.unit in STEPPED and definition is not None and definition.steps:
        return formats.step(target.value, definition)
    return amount(target.value, target.unit)


def amount(value: float, unit: str) -> str:
    """A target's number in its own unit, with no more decimals than it was given."""
    decimals = next(
        (n for n in range(_DECIMALS_OF_TARGETS) if round(value, n) == value), _DECIMALS_OF_TARGETS
    )
    if unit == "percent":
        return formats.percent(value, decimals)
    number = formats.number(value, decimals)
    word = {"days": _("d"), "months": _("mo"), "points": _("points"), "euros": "€"}.get(unit, "")
    return number + (formats.NBSP + word if word else "")


def wording(target: Target, definition: Definition | None) -> str:
    """The target as it was written where that is short, else its level."""
    said = level(target, definition)
    if target.as_written and (len(target.as_written) <= SHORT_WORDING or not said):
        return target.as_written.replace(" ", formats.NBSP) if said else target.as_written
    return said


def value(result: TargetResult, definition: Definition) -> str:
    """The actual with the decimals that explain the verdict, or the word for why there is none.

    A wait over ten days is in whole days unless that would obscure on which side of the target it is.
    """
    actual, target = result.actual, result.target
    if (
        actual.value is not None
        and definition.unit == "days"
        and result.verdict in ("met", "not_met")
        and target.unit == "days"
        and target.value is not None
        and (round(actual.value) - target.value) * (actual.value - target.value) <= 0
        and actual.value != target.value
    ):
        return formats.number(actual.value, max(1, result.decimals)) + formats.NBSP + _("d")
    return known(actual, replace(definition, decimals=result.decimals))


def known(actual: Actual, definition: Definition) -> str:
    """An actual's value, its interval, or the word for why there is none."""
    return formats.cell(asdict(actual), definition)


def distance(result: TargetResult, definition: Definition) -> str:
    """Actual − target with its sign; empty where there is none. Beyond a limit in months: days beyond it."""
    if result.distance is None:
        return ""
    return formats.change(result.distance, replace(definition, decimals=result.decimals))


def verdict(result: TargetResult) -> str:
    """The verdict with its shape, or that missing records decide it."""
    if result.unrecorded:
        return formats.VERDICTS[result.verdict][0] + formats.NBSP + _("cannot be judged: records are missing")
    return formats.verdict(result.verdict)
