"""Definitions of the indicators: one TOML file each in `indicators/definitions`, parsed into frozen objects.

Unit, decimals and direction are declared here alone: axis, tooltip, table and download read them.
"""

from __future__ import annotations

import difflib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, TypeAdapter

from indicators.catalogue.conditions import CONDITIONS
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.dimensions import splits_of
from indicators.catalogue.errors import BadDefinition, BadQuestion
from indicators.catalogue.languages import ENGLISH, LANGUAGES, WRITTEN_LANGUAGES, in_every_language
from indicators.catalogue.parsing import (
    KNOWN_KEYS_ONLY,
    READ_ONLY,
    Day,
    WholeNumber,
    Words,
    YesNo,
    one_of,
    parse,
    with_defaults,
)
from indicators.catalogue.places import reference_rows

DEFINITIONS = Path(__file__).parents[1] / "definitions"
#: The split of an indicator of named groups, into each of them.
GROUP_SPLIT = "patient_group"
#: Splits that are worked out of the dates of rows, for charts: of visits the band of the wait and how the path is known; of
#: queue entries the days and whole weeks waited, when the legal limit is passed, and whether a time is booked.
DERIVED_SPLITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "visits": ("wait_band", "path"),
        "queue": ("waited_days", "waited_weeks", "limit_band", "booking"),
    }
)
#: What the rows of each dataset can be split by.
DATASET_SPLITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: splits for name in DATASETS if (splits := splits_of(name))}
)
#: Every split of the contract, in the order they are offered.
SPLITS = DATASET_SPLITS["visits"]
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
#: Keys of measures of the warehouse, which no file has.
_MEASURE_KEYS = ("theme", "steps", "judged")


def _group_as_written(written: Any) -> Any:
    """A group as its file has it, `service = [...]` next to `code` and `name`, in the fields of `Group`."""
    if not isinstance(written, Mapping):
        return written
    where = [(name, values) for name, values in written.items() if name not in ("code", "name")]
    return {**{name: written[name] for name in ("code", "name") if name in written}, "where": where}


def _names(written: Mapping[str, str]) -> Mapping[str, str]:
    """Names in every language, where they can be translated."""
    return in_every_language(written) if ENGLISH in written else written


def _checked_measure(measure: Measure) -> Measure:
    faults = list(_measure_faults(measure))
    if faults:
        raise ValueError(*faults)
    return measure


@dataclass(frozen=True)
class Deadline:
    """From which date to which a case is measured, and how long that may take.

    `start` and `stop` name date columns; `unit` is `days`, `months` (calendar months, the end clamped), `weekdays` (the
    n-th after the start), `access_limit` (the law's limit for the service and age on the start) or `none`.
    """

    __pydantic_config__ = KNOWN_KEYS_ONLY

    rows: tuple[str, ...]
    start: str
    stop: str
    value: WholeNumber
    unit: Annotated[str, one_of(DEADLINE_UNITS)]


@dataclass(frozen=True)
class Group:
    """One of the groups an indicator has: the rows whose values are among those listed, in every dimension named."""

    __pydantic_config__ = KNOWN_KEYS_ONLY

    code: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    name: Annotated[Mapping[str, str], AfterValidator(_names)] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Measure:
    """How an indicator is computed: which rows, which of them can be judged, which met it.

    `rows`, `known` and `met` name conditions of `indicators.catalogue.conditions`; `quantile` is 0–1. A share of visits by
    contact mode has `met_modes` instead of `met`, codes of the list `mode_code`; whether `possible_modes` meet it is
    unknown, and a share with any of them is the range between none and all of them. Where `groups` are named, only
    visits that fit one of them count, each once: in the first that it fits. Cases have `deadlines` instead, and
    `period` names the day that decides the period: cases by `start`, `due` or `overdue` enter once they are due, those
    by `stop` once they have happened.
    """

    __pydantic_config__ = KNOWN_KEYS_ONLY

    dataset: Annotated[str, one_of(tuple(DATASET_SPLITS))]
    statistic: str
    rows: tuple[str, ...] = ()
    known: str | None = None
    met: str | None = None
    quantile: float | None = None
    deadlines: tuple[Annotated[Deadline, with_defaults(rows=(), value=0)], ...] = ()
    period: Annotated[str, one_of(CASE_PERIODS)] | None = None
    met_modes: tuple[str, ...] = ()
    possible_modes: tuple[str, ...] = ()
    groups: tuple[Annotated[Group, BeforeValidator(_group_as_written)], ...] = ()


@dataclass(frozen=True)
class Text:
    """The words of an indicator in one language."""

    __pydantic_config__ = KNOWN_KEYS_ONLY

    name: Words
    short: Words
    what: Words
    formula: Words
    source: Words
    weaknesses: Words


TEXTS = tuple(one.name for one in fields(Text))


@dataclass(frozen=True)
class Definition:
    """One indicator.

    - `dimensions`: its splits and filters; `headline_scope`: the filter of the headline on pages and of the comparison
      with the target.
    - `adds_up`: splits and finer periods sum to the total. `point_in_time`: a figure describes a day, not a stretch.
      `counts_persons`: small numbers are suppressed. `figures_first`: a published or entered figure of a whole period
      counts even where rows cover it, else rows do.
    - `twin`: an indicator shown with it. `review`: the day by which the definition is looked at again.
    - Of a measure of the warehouse: `theme`, the group it is listed in, empty where it has none (None of shipped
      definitions); `steps` of a stage or of yes and no, whose values are their numbers; `judged`, False where the scale
      is not known.
    """

    __pydantic_config__ = KNOWN_KEYS_ONLY

    id: str
    family: Annotated[str, one_of(FAMILIES)]
    unit: Annotated[str, one_of(UNITS)]
    decimals: WholeNumber
    better: Annotated[str, one_of(BETTER)]
    counts_persons: YesNo
    owner: str
    review: Day | None
    measure: Annotated[Measure, AfterValidator(_checked_measure)]
    text: Annotated[Mapping[str, Text], READ_ONLY]
    dimensions: tuple[str, ...] = ()
    headline_scope: Annotated[Mapping[str, tuple[str, ...]], READ_ONLY] = field(
        default_factory=lambda: MappingProxyType({})
    )
    adds_up: YesNo = False
    point_in_time: YesNo = False
    figures_first: YesNo = False
    twin: str | None = None
    theme: str | None = None
    steps: tuple[str, ...] = ()
    judged: YesNo = True

    @property
    def is_share(self) -> bool:
        """Whether the value is a share in per cent of a numerator in a denominator."""
        return self.unit == "percent"

    @property
    def law_allows_none(self) -> bool:
        """Whether it counts those who wait beyond the limit of the law."""
        return self.measure.statistic == "count_met" and self.measure.met == "over_limit"

    @property
    def row_level(self) -> bool:
        """Whether it is computed from single rows; otherwise from published or entered figures alone."""
        return self.measure.dataset != "figures"

    def headline_where(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The headline's filter in the form a Question takes."""
        return tuple(sorted(self.headline_scope.items()))

    def of_rows(self) -> Definition:
        """The number of rows that the indicator looks at, as a count of its own."""
        none: dict[str, Any] = {
            "known": None,
            "met": None,
            "quantile": None,
            "met_modes": (),
            "possible_modes": (),
        }
        measure = replace(self.measure, statistic="count", **none)
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
            parsed, wrong = parse_definition(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
        except tomllib.TOMLDecodeError as error:
            parsed, wrong = [], [str(error)]
        faults += [f"{path.name}: {fault}" for fault in wrong]
        found |= {one.id: one for one in parsed}
    faults += [f"{d.id}.toml: twin {d.twin!r}" for d in found.values() if d.twin and d.twin not in found]
    if faults:
        raise BadDefinition("bad_definitions", faults="; ".join(faults))
    return MappingProxyType(found)


def parse_definition(written: Mapping[str, Any], stem: str) -> tuple[list[Definition], list[str]]:
    """The definition as read from a file named `stem`, and everything wrong with it; no definition where anything is."""
    texts = {language: written.get("text", {}).get(language, {}) for language in WRITTEN_LANGUAGES}
    parsed, faults = parse(_adapter(), {**written, "text": texts})
    faults += [f"unknown key {key!r}" for key in _MEASURE_KEYS if key in written]
    if written.get("id") != stem:
        faults.append(f"id {written.get('id')!r} is not the file's name")
    measure = written.get("measure", {})
    possible = (GROUP_SPLIT, *DATASET_SPLITS.get(measure.get("dataset", ""), ()))[
        0 if measure.get("groups") else 1 :
    ]
    named = [*written.get("dimensions", ()), *written.get("headline_scope", {})]
    faults += [
        f"dimension {name!r} is none of {', '.join(possible)}" for name in named if name not in possible
    ]
    if faults:
        return [], faults
    (found,) = parsed
    groups = found.measure.groups
    text = _in_every_language(found.text, groups)
    dimensions = tuple(split for split in possible if split in written.get("dimensions", possible))
    return [replace(found, text=text, dimensions=dimensions)], []


@cache
def _adapter() -> TypeAdapter[Definition]:
    return TypeAdapter(Definition)


def _in_every_language(written: Mapping[str, Text], groups: tuple[Group, ...]) -> Mapping[str, Text]:
    """The words of every language; the names of the groups replace `{groups}`."""
    texts = {
        name: in_every_language({language: getattr(text, name) for language, text in written.items()})
        for name in TEXTS
    }
    names = {language: "; ".join(group.name[language] for group in groups) for language in LANGUAGES}
    return MappingProxyType(
        {
            language: Text(**{name: text[language].replace("{groups}", said) for name, text in texts.items()})
            for language, said in names.items()
        }
    )


def _measure_faults(measure: Measure) -> Iterator[str]:
    """What is wrong with a measure beyond the types of its fields."""
    dataset, statistic = measure.dataset, measure.statistic
    statistics = CASE_STATISTICS if dataset in CASE_DATASETS else STATISTICS
    if statistic not in statistics:
        yield f"measure.statistic {statistic!r} is none of {', '.join(statistics)}"
        return
    needed, allowed = statistics[statistic], {"dataset", "statistic", "rows", "groups"}
    if dataset == "visits" and statistic == "share" and measure.met_modes:
        needed, allowed = ("known", "met_modes"), {*allowed, "possible_modes"}
    given = {one.name for one in fields(measure) if getattr(measure, one.name) not in (None, ())}
    yield from (f"measure.{key} missing" for key in needed if key not in given)
    yield from (f"measure.{key} unknown" for key in sorted(given - allowed - {*needed}))
    yield from _group_faults(measure)
    modes = Counter((*measure.met_modes, *measure.possible_modes))
    yield from (f"{mode!r} is no contact mode" for mode in modes if mode not in _mode_codes())
    yield from (f"mode {mode!r} is named twice" for mode, times in modes.items() if times > 1)
    named = [*measure.rows, *(name for name in (measure.known, measure.met) if name)]
    for deadline in measure.deadlines:
        named += deadline.rows
        for column in (deadline.start, deadline.stop):
            if DATASETS[dataset].base.get(column) != "DATE":
                yield f"{column!r} is no date of {dataset}"
    yield from (
        f"condition {name!r} is not one of {dataset}" for name in named if name not in CONDITIONS[dataset]
    )
    if measure.quantile is not None and not 0 <= measure.quantile <= 1:
        yield f"measure.quantile {measure.quantile:g} is not between 0 and 1"


def _group_faults(measure: Measure) -> Iterator[str]:
    """What is wrong with the groups of a measure."""
    if measure.groups and measure.dataset != "visits":
        yield "groups are of visits alone"
    codes = Counter(group.code for group in measure.groups)
    yield from (f"group {code!r} is named twice" for code, times in codes.items() if times > 1)
    for group in measure.groups:
        if not group.code or not group.where:
            yield "groups: a group needs a code and what it is narrowed to"
        for name, values in group.where:
            if name not in DATASET_SPLITS[measure.dataset] or not values:
                yield f"group {group.code!r}: {name!r} is no list of values of a dimension of {measure.dataset}"
        for language in WRITTEN_LANGUAGES:
            if not group.name.get(language, "").strip():
                yield f"group {group.code!r}: name.{language} missing"


@cache
def _mode_codes() -> frozenset[str]:
    """Our codes of contact modes."""
    return frozenset(row["code"] for row in reference_rows("codes.csv") if row["domain"] == "mode_code")
