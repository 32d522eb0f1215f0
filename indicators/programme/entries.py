"""The rows of figures, targets, milestones, annotations and measures, that count now, and the loads that brought them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indicators.catalogue.datasets import DATASETS
from pipelines.warehouse import Snapshot

#: The datasets whose rows a person may write.
ENTERED = ("figures", "targets", "milestones", "annotations", "measures")


@dataclass(frozen=True)
class Entry:
    """One row in force: its fields as stored, and the load it came with. `loaded_at` is UTC without an offset."""

    fields: Mapping[str, Any]
    load_id: str
    file: str
    loaded_at: datetime
    loaded_by: str


def entries(snapshot: Snapshot, dataset: str, area: str, indicator: str | None = None) -> tuple[Entry, ...]:
    """The rows of one of `ENTERED` that count now for an area (and indicator), the last loaded first.

    An annotation without an area or an indicator belongs to each of them; a measure belongs to no area.
    """
    fields = tuple(DATASETS[dataset].base)
    listed = ", ".join(f'd."{name}"' for name in fields)
    every = " OR d.{0} IS NULL" if dataset == "annotations" else ""
    where = f"(d.area = ?{every.format('area')})" if "area" in fields else "?::VARCHAR IS NOT NULL"
    values = [area]
    if indicator is not None and "indicator" in fields:
        where += f" AND (d.indicator = ?{every.format('indicator')})"
        values.append(indicator)
    day = next(name for name in ("period_start", "planned_end", "date", "measure") if name in fields)
    rows = snapshot.rows(
        f"""SELECT {listed}, l.load_id, l.file, l.loaded_at, l.loaded_by
            FROM {dataset} d JOIN loads l USING (load_id) WHERE {where}
            ORDER BY l.sequence DESC, d."{day}" DESC NULLS LAST""",
        values,
    )
    return tuple(
        Entry(dict(zip(fields, row[: len(fields)], strict=True)), *row[len(fields) :]) for row in rows
    )


def replaces(dataset: str, row: Mapping[str, str], entry: Entry) -> bool:
    """Whether a row as it is written (field → text, days as in ISO 8601) takes the place of an entry: same key."""
    return all(str(entry.fields[name] or "") == row.get(name, "") for name in DATASETS[dataset].key)
