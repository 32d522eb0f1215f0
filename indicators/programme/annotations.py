"""Events that charts mark: changes of law, orders of the supervisory authority, what an analyst adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Annotation:
    """One dated event. `starts_anew` is whether a series has a break there."""

    date: date
    text_fi: str
    text_sv: str
    area: str | None
    unit: str | None
    indicator: str | None
    starts_anew: bool

    def text(self, language: str) -> str:
        """The words in a language; there is no English one, so the Finnish stands for it."""
        return getattr(self, f"text_{language}", None) or self.text_fi


def annotations_for(
    snapshot: Snapshot, indicator: str, area: str, unit: str | None = None
) -> list[Annotation]:
    """The events of an indicator in an area (and unit), first to last; an empty field of an event means every one."""
    rows = snapshot.rows(
        """SELECT date, text_fi, text_sv, area, unit, indicator, break FROM annotations
           WHERE coalesce(indicator, ?) = ? AND (area IS NULL OR area = ? OR ? = 'all')
             AND (unit IS NULL OR unit = ?)
           ORDER BY date, text_fi""",
        [indicator, indicator, area, area, unit],
    )
    return [Annotation(*row[:6], bool(row[6])) for row in rows]


@dataclass(frozen=True)
class DatedChange:
    """An event as it may be looked at from before and after. `units` are those it is of, none where it is of all."""

    date: date
    text_fi: str
    text_sv: str
    units: tuple[str, ...]

    def text(self, language: str) -> str:
        """The words in a language; there is no English one, so the Finnish stands for it."""
        return getattr(self, f"text_{language}", None) or self.text_fi


def dated_changes(snapshot: Snapshot, indicator: str, area: str) -> tuple[DatedChange, ...]:
    """What is known to have changed for an indicator in an area, in any unit, first to last.

    What was noted of several units with the same day and words is one change of these units.
    """
    rows = snapshot.rows(
        """SELECT date, text_fi, coalesce(text_sv, ''), list(DISTINCT unit ORDER BY unit) FILTER (unit IS NOT NULL),
                  bool_or(unit IS NULL)
           FROM annotations
           WHERE coalesce(indicator, ?) = ? AND (area IS NULL OR area = ? OR ? = 'all')
           GROUP BY ALL ORDER BY date, text_fi""",
        [indicator, indicator, area, area],
    )
    return tuple(DatedChange(*row[:3], () if row[4] else tuple(row[3])) for row in rows)
