"""The measures of a published version: indicators that only exist as entered or uploaded figures, defined as data."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.catalogue.datasets import DATASETS
from pipelines.warehouse.reader import Snapshot
from pipelines.warehouse.scales import scale_is_said, stages_of


@dataclass(frozen=True)
class Measure:
    """One measure as it was written: names by language, how it is counted, its place in lists, its source.

    `unit` decides how it is counted and shown; `kind` and `per` are notes in words; of a stage `kind` names the steps
    after a colon.
    """

    id: str
    name_fi: str
    name_sv: str
    name_en: str
    unit: str
    better: str
    kind: str
    per: str
    family: str
    theme: str
    as_written: str
    cited_source: str

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of a stage or of yes and no, first to last; empty of what is counted in numbers."""
        return stages_of(self.unit, self.kind)

    @property
    def judged(self) -> bool:
        """Whether its values may be compared with a target: not where its scale is unknown."""
        return scale_is_said(self.unit, self.kind)


def read_measures(snapshot: Snapshot) -> tuple[Measure, ...]:
    """The measures in force, in the order of their themes and ids."""
    columns = ", ".join(DATASETS["measures"].base)
    rows = snapshot.rows(f"SELECT {columns} FROM measures ORDER BY theme NULLS LAST, measure")
    return tuple(Measure(*(cell or "" for cell in row)) for row in rows)
