"""Which indicators cannot be computed from a file because a column of its layout is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from indicators.catalogue.definition import Definition, Measure, load_definitions
from indicators.catalogue.languages import LANGUAGES
from pipelines.findings import Finding, finding
from pipelines.mapping.source import Output

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
    "remote": ("mode_source_code",),
    "age_known": _AGE,
    "aged_75": _AGE,
    "families": ("client_group_code",),
    "need_found": ("need_found_on",),
}
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
        f"names_{language}": [definition.text[language].name for definition in lost.values()]
        for language in LANGUAGES
    }
    headers = [columns[field][0] for field in columns if field in missing]
    return finding("indicator_lost", count=len(lost), columns=headers, indicators=sorted(lost), **names)


def _needs(measure: Measure, dataset: str) -> Iterator[tuple[str, ...]]:
    """Of each of these groups of fields a measure needs one."""
    if measure.dataset != dataset:
        return
    if measure.statistic in _NEEDED_BY_STATISTIC:
        yield _NEEDED_BY_STATISTIC[measure.statistic]
    conditions = [*measure.rows, measure.known, measure.met]
    for deadline in measure.deadlines:
        conditions += deadline.rows
        yield (deadline.start,)
        yield (deadline.stop,)
    yield from (_NEEDED[name] for name in conditions if name is not None and name in _NEEDED)
