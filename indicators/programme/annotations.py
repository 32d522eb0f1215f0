"""Events that charts mark: changes of law, orders of the supervisory authority, what an analyst adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from indicators.catalogue.labels import ALL_AREAS
from indicators.catalogue.places import reference_rows
from indicators.engine.cached import cached_per_version
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class _Event:
    """A dated event and its words."""

    date: date
    text_fi: str
    text_sv: str

    def text(self, language: str) -> str:
        """The words in a language: its own, else those that ship with the software; Finnish where there are none."""
        own = getattr(self, f"text_{language}", None)
        return own or _shipped_words().get(self.text_fi, {}).get(f"text_{language}") or self.text_fi


@cache
def _shipped_words() -> Mapping[str, Mapping[str, str]]:
    """Words of shipped events in the languages that annotations have no field for, by the Finnish words."""
    return {row["text_fi"]: row for row in reference_rows("annotation_texts.csv")}


@dataclass(frozen=True)
class Annotation(_Event):
    """One dated event. `starts_anew` is whether a series has a break there."""

    area: str | None
    unit: str | None
    indicator: str | None
    starts_anew: bool


@dataclass(frozen=True)
class DatedChange(_Event):
    """A change to compare before and after. `units` are those it affects, none where it affects all."""

    units: tuple[str, ...]


def annotations_for(
    snapshot: Snapshot, indicator: str, area: str, unit: str | None = None
) -> list[Annotation]:
    """The events of an indicator in an area (and unit), first to last; an empty field of an event means every one."""
    return [
        one
        for one in _annotations(snapshot)
        if one.indicator in (None, indicator)
        and (area == ALL_AREAS or one.area in (None, area))
        and one.unit in (None, unit)
    ]


@cached_per_version()
def _annotations(snapshot: Snapshot) -> Sequence[Annotation]:
    """All events of a version, first to last."""
    rows = snapshot.rows(
        """SELECT date, text_fi, text_sv, area, unit, indicator, coalesce(break, false) FROM annotations
           ORDER BY date, text_fi"""
    )
    return [Annotation(*row) for row in rows]


def dated_changes(snapshot: Snapshot, indicator: str, area: str) -> tuple[DatedChange, ...]:
    """The changes noted for an indicator in an area, in any unit, first to last.

    Events of several units with the same day and words are one change of these units.
    """
    rows = snapshot.rows(
        """SELECT date, text_fi, coalesce(text_sv, ''), list(DISTINCT unit ORDER BY unit) FILTER (unit IS NOT NULL),
                  bool_or(unit IS NULL)
           FROM annotations
           WHERE coalesce(indicator, ?) = ? AND (area IS NULL OR area = ? OR ? = 'all')
           GROUP BY ALL ORDER BY date, text_fi""",
        [indicator, indicator, area, area],
    )
    return tuple(
        DatedChange(day, fi, sv, () if everywhere else tuple(units))
        for day, fi, sv, units, everywhere in rows
    )
