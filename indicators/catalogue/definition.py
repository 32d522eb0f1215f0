"""Definitions of the indicators: one TOML file each in `indicators/definitions`, parsed into frozen objects.

Unit, decimals and direction stand here and nowhere else: axis, tooltip, table and download read them.
"""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indicators.catalogue.conditions import (
    CASE_CONDITIONS,
    QUEUE_CONDITIONS,
    REFERRAL_CONDITIONS,
    VISIT_CONDITIONS,
)
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.indicator_errors import BadDefinition, BadQuestion
from indicators.catalogue.languages import LANGUAGES, WRITTEN_LANGUAGES, in_every_language
from indicators.catalogue.places import REFERENCE

DEFINITIONS = Path(__file__).parents[1] / "definitions"
#: Every split of the contract, in the order they are offered.
SPLITS = (
    *("unit", "service", "profession", "mode", "mode_code", "first_visit"),
    *("age_group", "age_band", "municipality", "area"),
)
#: The split of an indicator of named groups, into each of them.
GROUP_SPLIT = "patient_group"
#: Splits of visits that are worked out of their dates, for charts: the band of the wait, how the path is known.
DERIVED_SPLITS = ("wait_band", "path")
#: What the rows of each dataset can be split by.
DATASET_SPLITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "visits": SPLITS,
        "queue": ("unit", "service", "profession", "age_group", "age_band", "municipality", "area"),
        "referrals": ("unit", "service", "age_group", "age_band", "municipality", "area"),
        "cases": ("unit", "service", "age_group", "age_band", "municipality", "area"),
        "figures": ("service", "area"),
    }
)
#: Datasets of cases with a due day.
CASE_DATASETS = ("referrals", "cases")
FAMILIES = ("completed", "waiting", "aggregate")
UNITS = ("percent", "days", "count", "ratio", "points", "euros", "stage", "yes_no")
BETTER = ("up", "down", "none")
#: statistic → the keys of `[measure]` it needs besides `dataset`, `statistic` and `rows`.
STATISTICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "share": ("known", "met"),
        "count": (),
        "count_met": ("known", "met"),
        "distinct_persons": (),
        "quantile": ("known", "quantile"),
        "longest": (),
        "person_share": ("known", "met"),
        "units_covered": ("known",),
        "published": (),
        "hidden_debt": (),
        "hidden_debt_adjusted": (),
    }
)
#: The same for cases with a due day, whose measure has `[[measure.deadlines]]`.
CASE_STATISTICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "share": ("deadlines", "period"),
        "mean": ("deadlines", "period"),
        "count": ("deadlines", "period"),
        "late_persons": ("deadlines", "period"),
        "open": ("deadlines",),
    }
)
#: The statistics that are made of other indicators.
HIDDEN_DEBT, ADJUSTED_DEBT = "hidden_debt", "hidden_debt_adjusted"
HIDDEN_DEBTS = (HIDDEN_DEBT, ADJUSTED_DEBT)
#: Statistics whose value is numerator / denominator in per cent.
SHARES = ("share", "person_share", "units_covered")
#: What decides the period of a case: its start, its end, its due day, or the day after that, from which it is overdue.
CASE_PERIODS = ("start", "stop", "due", "overdue")
DEADLINE_UNITS = ("days", "months", "weekdays", "access_limit", "none")
TEXTS = ("name", "short", "what", "formula", "source", "weaknesses")
_KEYS = {
    *("id", "family", "unit", "decimals", "better", "counts_persons", "dimensions", "headline_scope"),
    *("owner", "review", "adds_up", "point_in_time", "figures_first", "twin", "measure", "text"),
}
_CONDITIONS = {
    "visits": VISIT_CONDITIONS,
    "queue": QUEUE_CONDITIONS,
    "referrals": REFERRAL_CONDITIONS,
    "cases": CASE_CONDITIONS,
    "figures": {},
}


@dataclass(frozen=True)
class Deadline:
    """From which date to which a case is measured, and how long that may take.

    `start` and `stop` name date columns; `unit` is `days`, `months` (calendar months, the end clamped), `weekdays` (the
    n-th after the start), `access_limit` (the law's limit for the service and age on the start) or `none`.
    """

    rows: tuple[str, ...]
    start: str
    stop: str
    value: int
    unit: str


@dataclass(frozen=True)
class Group:
    """One of the groups an indicator is of: the rows whose values are among those listed, in every dimension named."""

    code: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    name: Mapping[str, str] = field(compare=False)


@dataclass(frozen=True)
class Measure:
    """How an indicator is computed: which rows, which of them can be judged, which met it.

    `rows`, `known` and `met` name conditions of `indicators.catalogue.conditions`; `quantile` is 0–1. A share of visits by their
    contact mode has `met_modes` in the place of `met`, codes of the list `mode_code`; of `possible_modes` it is not known
    whether they meet it, and a share with any of them is the range between none and all of them. Where `groups` are named,
    only visits that fit one of them are looked at, each once: in the first that it fits. Cases have `deadlines`
    instead, and `period` says which of their days decides the period: those by `start`, `due` or `overdue` enter once they
    are due, those by `stop` once they have happened.
    """

    dataset: str
    statistic: str
    rows: tuple[str, ...] = ()
    known: str | None = None
    met: str | None = None
    quantile: float | None = None
    deadlines: tuple[Deadline, ...] = ()
    period: str | None = None
    met_modes: tuple[str, ...] = ()
    possible_modes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Text:
    """The words of an indicator in one language."""

    name: str
    short: str
    what: str
    formula: str
    source: str
    weaknesses: str


@dataclass(frozen=True)
class Definition:
    """One indicator.

    `dimensions` are the splits and filters it has; `headline_scope` the filter of the headline on pages and of
    the comparison with the target; `adds_up` says that splits and finer periods sum to the total;
    `point_in_time` that a figure tells of a day, not of a stretch; `counts_persons` that small numbers are
    hidden; `figures_first` that a published or entered figure of a whole period counts even where rows cover it, else rows
    do; `twin` names an indicator shown beside it. `review` is the day by which the definition is looked at
    again. Of a measure defined in the warehouse `theme` is the group it is listed in, empty where
    it has none (None of shipped ones); `steps` are those of a stage or of yes and no, whose values are their numbers;
    `judged` is False where the scale is not said.
    """

    id: str
    family: str
    unit: str
    decimals: int
    better: str
    counts_persons: bool
    dimensions: tuple[str, ...]
    headline_scope: Mapping[str, tuple[str, ...]]
    adds_up: bool
    point_in_time: bool
    figures_first: bool
    twin: str | None
    owner: str
    review: date | None
    measure: Measure
    text: Mapping[str, Text]
    theme: str | None = None
    steps: tuple[str, ...] = ()
    judged: bool = True

    @property
    def is_share(self) -> bool:
        """Whether the value is a share in per cent of a numerator in a denominator."""
        return self.unit == "percent"

    @property
    def row_level(self) -> bool:
        """Whether it is computed from single rows; otherwise from published or entered figures alone."""
        return self.measure.dataset != "figures"

    def headline_where(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The headline's filter in the form a Question takes."""
        return tuple(sorted(self.headline_scope.items()))

    def of_rows(self) -> Definition:
        """The number of rows that the indicator looks at, as a count of its own."""
        measure = replace(
            self.measure,
            statistic="count",
            known=None,
            met=None,
            quantile=None,
            met_modes=(),
            possible_modes=(),
        )
        return replace(self, unit="count", decimals=0, better="none", adds_up=True, measure=measure)


def definition(indicator: str) -> Definition:
    """The shipped definition of an id. Raises BadQuestion where there is none, naming the nearest id if one is near."""
    return find_definition(load_definitions(), indicator)


def find_definition(known: Mapping[str, Definition], indicator: str) -> Definition:
    """The definition of an id among those known. Raises BadQuestion where there is none, naming the nearest id if near."""
    if indicator not in known:
        near = difflib.get_close_matches(indicator, known, n=1, cutoff=0.4)
        if near:
            raise BadQuestion("unknown_indicator_near", indicator=indicator, nearest=near[0])
        raise BadQuestion("unknown_indicator", indicator=indicator)
    return known[indicator]


@cache
def load_definitions() -> Mapping[str, Definition]:
    """All shipped definitions by id, in the order of their ids. Raises BadDefinition with every fault at once."""
    found: dict[str, Definition] = {}
    faults: list[str] = []
    for path in sorted(DEFINITIONS.glob("*.toml")):
        try:
            with path.open("rb") as file:
                written = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            faults.append(f"{path.name}: {error}")
            continue
        wrong = definition_faults(written, path.stem)
        if wrong:
            faults += [f"{path.name}: {fault}" for fault in wrong]
        else:
            found[path.stem] = _parse(written)
    faults += [f"{d.id}.toml: twin {d.twin!r}" for d in found.values() if d.twin and d.twin not in found]
    if faults:
        raise BadDefinition("bad_definitions", faults="; ".join(faults))
    return MappingProxyType(found)


def definition_faults(written: Mapping[str, Any], stem: str) -> list[str]:
    """Everything that is wrong with a definition as read from its file; empty where nothing is."""
    faults = [f"unknown key {key!r}" for key in written if key not in _KEYS]
    faults += [
        f"{key} missing" for key in ("id", "family", "unit", "decimals", "better") if key not in written
    ]
    faults += [
        f"{key} missing" for key in ("counts_persons", "owner", "review", "measure") if key not in written
    ]
    if written.get("id") != stem:
        faults.append(f"id {written.get('id')!r} is not the file's name")
    for key, allowed in (("family", FAMILIES), ("unit", UNITS), ("better", BETTER)):
        if written.get(key) not in allowed:
            faults.append(f"{key} {written.get(key)!r} is none of {', '.join(allowed)}")
    if not isinstance(written.get("decimals"), int):
        faults.append("decimals is not a whole number")
    if not isinstance(written.get("review"), date):
        faults.append("review is not a date")
    faults += _measure_faults(written.get("measure", {}))
    possible = _possible_splits(written.get("measure", {}))
    for name in [*written.get("dimensions", ()), *written.get("headline_scope", {})]:
        if name not in possible:
            faults.append(f"dimension {name!r} is none of {', '.join(possible)}")
    for language in WRITTEN_LANGUAGES:
        texts = written.get("text", {}).get(language, {})
        faults += [
            f"text.{language}.{name} missing" for name in TEXTS if not str(texts.get(name, "")).strip()
        ]
        faults += [f"text.{language}.{name} unknown" for name in texts if name not in TEXTS]
    return faults


def _measure_faults(measure: Mapping[str, Any]) -> list[str]:
    dataset, statistic = measure.get("dataset"), measure.get("statistic")
    if dataset not in DATASET_SPLITS:
        return [f"measure.dataset {dataset!r} is none of {', '.join(DATASET_SPLITS)}"]
    statistics = CASE_STATISTICS if dataset in CASE_DATASETS else STATISTICS
    if statistic not in statistics:
        return [f"measure.statistic {statistic!r} is none of {', '.join(statistics)}"]
    needed = statistics[statistic]
    by_mode = dataset == "visits" and statistic == "share" and "met_modes" in measure
    if by_mode:
        needed = ("known", "met_modes")
    faults_of_groups = _group_faults(dataset, measure.get("groups", ()))
    allowed = {"dataset", "statistic", "rows", "groups", *needed, *(("possible_modes",) if by_mode else ())}
    faults = [f"measure.{key} missing" for key in needed if key not in measure]
    faults += [f"measure.{key} unknown" for key in measure if key not in allowed]
    faults += faults_of_groups
    modes = [*measure.get("met_modes", ()), *measure.get("possible_modes", ())]
    faults += [f"{mode!r} is no contact mode" for mode in modes if mode not in _mode_codes()]
    faults += [f"mode {mode!r} is named twice" for mode in dict.fromkeys(modes) if modes.count(mode) > 1]
    if "period" in needed and measure.get("period") not in CASE_PERIODS:
        faults.append(f"measure.period {measure.get('period')!r} is none of {', '.join(CASE_PERIODS)}")
    conditions = _CONDITIONS[dataset]
    named = [*measure.get("rows", ()), *(measure[key] for key in ("known", "met") if key in measure)]
    for deadline in measure.get("deadlines", ()):
        named += deadline.get("rows", ())
        faults += [f"deadlines.{key} missing" for key in ("start", "stop", "unit") if key not in deadline]
        if deadline.get("unit") not in DEADLINE_UNITS:
            faults.append(f"deadlines.unit {deadline.get('unit')!r} is none of {', '.join(DEADLINE_UNITS)}")
        dates = DATASETS[dataset].base
        faults += [
            f"{deadline[key]!r} is no date of {dataset}"
            for key in ("start", "stop")
            if key in deadline and dates.get(deadline[key]) != "DATE"
        ]
    faults += [f"condition {name!r} is not one of {dataset}" for name in named if name not in conditions]
    quantile = measure.get("quantile")
    if quantile is not None and not 0 <= quantile <= 1:
        faults.append(f"measure.quantile {quantile} is not between 0 and 1")
    return faults


def _possible_splits(measure: Mapping[str, Any]) -> tuple[str, ...]:
    """What rows of a measure can be split by; its named groups come first."""
    splits = DATASET_SPLITS.get(measure.get("dataset", ""), ())
    return (GROUP_SPLIT, *splits) if measure.get("groups") else splits


def _group_faults(dataset: str, groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the groups of a measure."""
    faults = ["groups are of visits alone"] if groups and dataset != "visits" else []
    codes = [group.get("code") for group in groups]
    faults += [f"group {code!r} is named twice" for code in dict.fromkeys(codes) if codes.count(code) > 1]
    for group in groups:
        narrowed = {name: values for name, values in group.items() if name not in ("code", "name")}
        if not group.get("code") or not narrowed:
            faults.append("groups: a group needs a code and what it is narrowed to")
        faults += [
            f"group {group.get('code')!r}: {name!r} is no list of values of a dimension of {dataset}"
            for name, values in narrowed.items()
            if name not in DATASET_SPLITS[dataset] or not isinstance(values, list) or not values
        ]
        for language in WRITTEN_LANGUAGES:
            if not str(group.get("name", {}).get(language, "")).strip():
                faults.append(f"group {group.get('code')!r}: name.{language} missing")
    return faults


def _with_groups(text: str, groups: Sequence[Group], language: str) -> str:
    """A text in which `{groups}` stands for the names of the groups."""
    return text.replace("{groups}", "; ".join(group.name[language] for group in groups))


def _parse_group(written: Mapping[str, Any]) -> Group:
    where = tuple((name, tuple(values)) for name, values in written.items() if name not in ("code", "name"))
    return Group(written["code"], where, in_every_language(written["name"]))


@cache
def _mode_codes() -> frozenset[str]:
    """Our codes of contact modes."""
    with (REFERENCE / "codes.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file) if row["domain"] == "mode_code")


def _parse(written: Mapping[str, Any]) -> Definition:
    measure = dict(written["measure"])
    for name in ("rows", "met_modes", "possible_modes"):
        measure[name] = tuple(measure.get(name, ()))
    measure["groups"] = tuple(map(_parse_group, measure.get("groups", ())))
    measure["deadlines"] = tuple(
        Deadline(
            tuple(deadline.get("rows", ())),
            deadline["start"],
            deadline["stop"],
            deadline.get("value", 0),
            deadline["unit"],
        )
        for deadline in measure.get("deadlines", ())
    )
    texts = {
        name: in_every_language({language: written["text"][language][name] for language in WRITTEN_LANGUAGES})
        for name in TEXTS
    }
    possible = _possible_splits(measure)
    wanted = written.get("dimensions", possible)
    return Definition(
        id=written["id"],
        family=written["family"],
        unit=written["unit"],
        decimals=written["decimals"],
        better=written["better"],
        counts_persons=written["counts_persons"],
        dimensions=tuple(split for split in possible if split in wanted),
        headline_scope=MappingProxyType(
            {name: tuple(values) for name, values in written.get("headline_scope", {}).items()}
        ),
        adds_up=written.get("adds_up", False),
        point_in_time=written.get("point_in_time", False),
        figures_first=written.get("figures_first", False),
        twin=written.get("twin"),
        owner=written["owner"],
        review=written["review"],
        measure=Measure(**measure),
        text=MappingProxyType(
            {
                language: Text(
                    **{
                        name: _with_groups(text[language].strip(), measure["groups"], language)
                        for name, text in texts.items()
                    }
                )
                for language in LANGUAGES
            }
        ),
    )
