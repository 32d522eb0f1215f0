"""Sentences of several pages: values with n and coverage, targets, changes, or why there is no value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from indicators.analysis import known_shares
from indicators.analysis.change import Change
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import grain_of, parse_label
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Answer
from indicators.programme.verdicts import MOST_DECIMALS, Target
from indicators.wording import formats
from indicators.wording.targets import target_words
from indicators.wording.translations import _, ngettext
from pages.text import names
from pipelines.settings import Settings

#: Of more units than this a sentence says how many lack days.
NAMED_UNITS = 3


def finding_row(rows: pd.DataFrame) -> int | None:
    """The position of the row a finding is about: the newest complete one, also where it is suppressed.

    Else the newest incomplete one, else the newest of all; None without rows.
    """
    for wanted in ((OK, SUPPRESSED), (INCOMPLETE,), (NO_DENOMINATOR,), (NO_DATA,)):
        found = [
            at
            for at, (status, note) in enumerate(zip(rows["status"], rows["note"], strict=True))
            if status in wanted and not (status == SUPPRESSED and note)
        ]
        if found:
            return found[-1]
    return len(rows) - 1 if len(rows) else None


def why_range(definition: Definition) -> str:
    """Why only a range is known of an indicator, and what makes it exact; empty where it has none."""
    modes = definition.measure.possible_modes
    if not modes:
        return ""
    return _(
        "The contact modes {modes} do not distinguish telephone from video, so only a range is "
        "known. It becomes exact when the modes are identified on the page of units and codes."
    ).format(modes=", ".join(modes))


def share_is_known(row: Mapping[str, Any], settings: Settings) -> bool:
    """Whether coverage is high enough to speak of a share at all: the setting `monitoring_min_coverage_pct`."""
    return known_shares.share_is_known(row, settings.monitoring_min_coverage_pct)


def coverage_is_low(row: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the possible range is shown with the share: the setting `low_coverage_pct`."""
    return not formats.missing(row["coverage"]) and row["coverage"] < settings.low_coverage_pct


def possible_range(row: Mapping[str, Any], definition: Definition) -> str | None:
    """Where the share of all visits could lie if the missing dates were known; None where that is not computed."""
    if formats.missing(row["possible_low"]) or formats.missing(row["possible_high"]):
        return None
    return formats.interval(row["possible_low"], row["possible_high"], definition)


@dataclass(frozen=True)
class Incomplete:
    """A period that is not complete: its name, whether all its days have passed, and the names of units that lack some."""

    period: str
    over: bool
    units: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any], answer: Answer, today: date) -> Incomplete:
        """The period of a row of an answer, as it is today."""
        units = answer.missing_units.get(row["period"], ())
        named = tuple(names.name("unit", unit) for unit in units)
        return cls(row["period"], row["period_end"] < today, named)


def days_missing(units: Iterable[str]) -> str:
    """Which units lack days: by name where they are few, else how many; empty where none does."""
    lacking = list(dict.fromkeys(units))
    if not lacking:
        return ""
    if len(lacking) > NAMED_UNITS:
        return ngettext(
            "Days are missing of {count} unit.", "Days are missing of {count} units.", len(lacking)
        ).format(count=formats.number(len(lacking)))
    return _("Days are missing of: {units}.").format(units=", ".join(lacking))


def some_of(named: Iterable[str], most: int = NAMED_UNITS) -> str:
    """The first few names, each once, and how many there are besides; empty where there is none."""
    every = list(dict.fromkeys(named))
    shown, more = every[:most], len(every) - most
    if more > 0:
        shown.append(ngettext("{count} other", "{count} others", more).format(count=formats.number(more)))
    return ", ".join(shown)


def with_decimals_of_target(definition: Definition, value: float | None, target: Target | None) -> Definition:
    """The definition with as many decimals as it takes to see on which side of a target's level a value is."""
    if target is None or target.value is None or formats.missing(value) or target.unit != definition.unit:
        return definition
    return replace(definition, decimals=formats.rounded_away(value, target.value, definition.decimals))


def against_target(value: float, target: Target, definition: Definition) -> str:
    """How far a value is from a target's level, without a verdict; empty where the target has no level."""
    if target.value is None or target.comparator is None:
        return ""
    distance = value - target.value
    # So many decimals that a miss does not read as a hit.
    decimals = next(
        (tried for tried in range(definition.decimals, MOST_DECIMALS) if round(distance, tried)),
        MOST_DECIMALS if distance else definition.decimals,
    )
    far = formats.change(abs(distance), replace(definition, decimals=decimals)).lstrip("+±")
    named = {
        "target": target_words(target, definition),
        "period": formats.period(target.period.label),
        "distance": far,
    }
    if distance == 0:
        return _("That is the level of the target ({target}, {period}).").format(**named)
    upward = target.comparator in (">=", ">")
    said = (
        _("It is better than the target ({target}, {period}) by {distance}.")
        if (distance > 0) == upward
        else _("It falls short of the target ({target}, {period}) by {distance}.")
    )
    return formats.one_after_another([said.format(**named)])


def earlier(change: Change) -> str:
    """The periods that a change is compared with, by their grain and number."""
    if change.periods < change.among:
        return _("the {count} of the {among} periods before that can be judged").format(
            count=change.periods, among=change.among
        )
    period = parse_label(change.period)
    grain = None if period is None else grain_of(period.start, period.end)
    if grain == "week":
        said = ngettext("the week before", "the {count} weeks before", change.periods)
    elif grain == "month":
        said = ngettext("the month before", "the {count} months before", change.periods)
    elif grain == "quarter":
        said = ngettext("the quarter before", "the {count} quarters before", change.periods)
    else:
        said = ngettext("the year before", "the {count} years before", change.periods)
    return said.format(count=change.periods)
