"""Which indicators cannot be computed from a file because a column of its layout, or a field of its mapping, is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from indicators.catalogue.conditions import SUPPLY_CONDITIONS
from indicators.catalogue.definition import Definition, Measure, load_definitions
from indicators.catalogue.languages import ENGLISH, LANGUAGES
from pipelines.checking.codes import Meaning, listed_codes
from pipelines.checking.rows import Rows
from pipelines.findings import Finding, finding
from pipelines.mapping.source import Output
from pipelines.reading.parsed import READ
from pipelines.texts import name_of

_AGE = ("birth_year", "birth_date", "age")
#: Condition of a definition → the fields of which it needs at least one.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "non_urgent": ("urgency_code",),
    "not_non_urgent": ("urgency_code",),
    "curative": ("nature_code",),
    "with_wait": ("assessed_on",),
    "wait_within_7_days": ("assessed_on",),
    "judged_by_limit": ("assessed_on",),
    "within_limit": ("first_visit_code",),
    "own_wish": ("reason_code",),
    "service_with_limit": ("service_code",),
    "age_known": _AGE,
    "aged_75": _AGE,
    "families": ("client_group_code",),
    "need_found": ("need_found_on",),
}
#: Conditions of which a service with a limit of its own by age can say nothing without an age.
_JUDGED = "judged_by_limit"
#: The same for what a statistic is of.
_NEEDED_BY_STATISTIC: Mapping[str, tuple[str, ...]] = {
    "distinct_persons": ("person",),
    "person_share": ("person",),
}


def lost_indicators(output: Output, version: str, absent: Collection[str]) -> Finding | None:
    """The finding of one output of a file whose `absent` fields have no column; None where nothing is lost."""
    columns = output.versions[version]
    lost: dict[str, Definition] = {}
    missing: set[str] = set()
    for indicator, definition in load_definitions().items():
        for needed in _needs(definition.measure, output.dataset):
            mapped = [field for field in needed if field in columns]
            if mapped and all(field in absent for field in mapped):
                lost[indicator] = definition
                missing.update(mapped)
    if not lost:
        return None
    names: dict[str, Any] = {
        f"names_{language}": [definition.text[language].short for definition in lost.values()]
        for language in LANGUAGES
    }
    headers = [columns[field][0] for field in columns if field in missing]
    return finding("indicator_lost", count=len(lost), columns=headers, indicators=sorted(lost), **names)


def unmapped_indicators(rows: Rows, loaded: np.ndarray, version: str, meaning: Meaning) -> Iterator[Finding]:
    """Yield what the rows `loaded` of one output of an own mapping cannot tell, once for each field that is missing.

    A field is missing that no column, constant or rule gives, or that has no value, or no code with a meaning, in any row.
    Indicators of a service or a kind of cases that no row is of are left out.
    """
    mapped = rows.output.versions[version]
    lost: dict[tuple[str, tuple[str, ...]], list[Definition]] = {}
    for definition in load_definitions().values():
        measure = definition.measure
        if measure.dataset != rows.dataset or not _has_supply(measure, rows, loaded, meaning):
            continue
        faults = [
            (reason, needed)
            for needed in dict.fromkeys(_needs(measure, rows.dataset))
            if (reason := _missing(rows, loaded, needed, mapped, meaning)) is not None
        ]
        without_age = (
            rows.headers.keys().isdisjoint(_AGE) or _missing(rows, loaded, _AGE, mapped, meaning) is not None
        )
        no_age = measure.known == _JUDGED and without_age
        for fault in faults or ([("no_age", _AGE)] if no_age else []):
            lost.setdefault(fault, []).append(definition)
    # One sentence says that there is no age at all: of which nothing can be computed, and of which a part.
    partly = lost.pop(("no_age", _AGE), []) if ("unmapped", _AGE) in lost else []
    for (reason, needed), definitions in lost.items():
        yield _unmapped(rows, reason, needed, definitions, partly if needed == _AGE else [])


def _unmapped(
    rows: Rows,
    reason: str,
    needed: tuple[str, ...],
    definitions: Sequence[Definition],
    partly: Sequence[Definition],
) -> Finding:
    """The finding of a field that is missing; `partly` are those that are computed for some services without it."""
    field = rows.fields[needed[0]]
    if partly:
        reason = "unmapped_age"
    elif reason == "unmapped" and field.domain and listed_codes(field.domain, ENGLISH):
        reason = "unmapped_code"
    elif reason == "unknown" and rows.is_constant(field.name):
        reason = "unknown_constant"
    params: dict[str, Any] = {"domain": field.domain or field.name}
    for language in LANGUAGES:
        params[f"names_{language}"] = [d.text[language].short for d in definitions]
        params[f"partly_{language}"] = [d.text[language].short for d in partly]
        params[f"fields_{language}"] = " / ".join(
            f"{one} ({name_of('field', one, language)})" for one in needed
        )
        params[f"possible_{language}"] = listed_codes(field.domain or "", language)
    return finding(
        "indicator_unmapped",
        field.name,
        len(definitions) + len(partly),
        reason=reason,
        column=rows.header(field.name),
        indicators=sorted(d.id for d in (*definitions, *partly)),
        **params,
    )


def needed_fields(dataset: str) -> Mapping[tuple[str, ...], list[Definition]]:
    """Return the indicators of a dataset by the fields of which they need one. Pathways need more than referrals have."""
    found: dict[tuple[str, ...], list[Definition]] = {}
    for definition in load_definitions().values():
        measure = definition.measure
        if "pathway" in measure.rows:
            continue
        age = [_AGE] if measure.dataset == dataset and measure.known == _JUDGED else []
        for needed in dict.fromkeys([*_needs(measure, dataset), *age]):
            found.setdefault(needed, []).append(definition)
    return found


def _missing(
    rows: Rows,
    loaded: np.ndarray,
    needed: tuple[str, ...],
    mapped: Mapping[str, tuple[str, ...]],
    meaning: Meaning,
) -> str | None:
    """Return why none of some fields says anything in the rows loaded; None where one does, or its column is not there.

    A column of the mapping that the file lacks is told by `lost_indicators`.
    """
    written = [name for name in needed if name in rows.headers]
    if not written:
        return None if any(name in mapped for name in needed) else "unmapped"
    if not len(loaded):
        return None
    reason = "blank"
    for name in written:
        used = np.unique(rows.codes[name][loaded])
        texts = rows.texts[name].take(pa.array(used[used >= 0])).to_pylist()
        domain = rows.fields[name].domain
        if domain is None:
            readable = (rows.reading(name)[loaded] == READ).any()
        else:
            readable = any(meaning.is_known(domain, text) for text in texts)
        if readable:
            return None
        reason = "unknown" if texts and domain is not None else reason
    return reason


def _has_supply(measure: Measure, rows: Rows, loaded: np.ndarray, meaning: Meaning) -> bool:
    """Whether some loaded row is of the services and kinds that a measure is narrowed to."""
    conditions = [*measure.rows, *(name for deadline in measure.deadlines for name in deadline.rows)]
    for name in conditions:
        what, wanted = SUPPLY_CONDITIONS.get(name, ("", ()))
        if what == "service" and not rows.is_our("service_code", meaning, wanted)[loaded].any():
            return False
        if what == "kind" and rows.dataset == "referrals":
            pathways = (rows.codes["state_code"][loaded] >= 0).any()
            if pathways != (name == "pathway"):
                return False
        elif what == "kind" and not rows.is_our("kind_code", meaning, wanted)[loaded].any():
            return False
    return True


def _needs(measure: Measure, dataset: str) -> Iterator[tuple[str, ...]]:
    """Of each of these groups of fields a measure needs one."""
    if measure.dataset != dataset:
        return
    if measure.statistic in _NEEDED_BY_STATISTIC:
        yield _NEEDED_BY_STATISTIC[measure.statistic]
    if dataset == "visits":
        yield ("state_code",)
    if measure.met_modes:
        yield ("mode_source_code",)
    conditions = [*measure.rows, measure.known, measure.met]
    for deadline in measure.deadlines:
        conditions += deadline.rows
        yield (deadline.start,)
        yield (deadline.stop,)
    yield from (_NEEDED[name] for name in conditions if name is not None and name in _NEEDED)
