"""Which health centres count in the coverage of the guarantee's monitoring, and which of them are monitored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import decide, unit_edit
from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import visit, visits
from tests.spec.table import rows_of

TODAY, NOW = date(2025, 4, 1), datetime(2025, 4, 1, 8, 0)

# Beside a health centre all of whose visits have an assessment date, another one with two visits.
CENTRES = """
first            | second           | monitored | of | why
-----------------+------------------+-----------+----+----
dated            | undated          | 2         | 2  | half of the visits is enough
undated          | undated          | 1         | 2  | none has a date
urgent           | urgent           | 1         | 2  | with visits, but none to be asked of: not monitored
of no urgency    | of no urgency    | 1         | 2  | a centre that does not write the urgency does not vanish
undated          | urgent           | 1         | 2  | the urgent one is asked no date
dated            | urgent           | 2         | 2  | the urgent one does not lower it
"""
KINDS = {
    "dated": {},
    "undated": {"assessed": ""},
    "urgent": {"urgency": "Päivystys"},
    "of no urgency": {"urgency": ""},
}


@pytest.mark.parametrize("row", rows_of(CENTRES), ids=lambda row: row["why"])
def test_every_health_centre_with_visits_counts(row: dict[str, str], tmp_path: Path) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = [
        visit(1, unit="A"),
        visit(2, unit="B", **KINDS[row["first"]]),
        visit(3, unit="B", **KINDS[row["second"]]),
        visit(4, unit="C", unit_name="No health centre", assessed=""),
    ]
    options = LoadOptions(as_of=TODAY, window=(date(2025, 3, 1), date(2025, 3, 31)))
    report = load_bytes("kaynnit.csv", visits(*lines), options, own, now=NOW, today=TODAY)
    assert report.status == "loaded", report.findings
    kinds = (("A", "health_centre"), ("B", "health_centre"), ("C", "hospital"))
    decide(own, [unit_edit(unit, {"kind": kind}, by="tests", at=NOW) for unit, kind in kinds], now=NOW)
    question = Question("guarantee_monitoring_coverage", by="month", suppress=False)
    [found] = answer(Warehouse(own.warehouse).current(), question, own).rows.to_dict("records")
    assert (found["numerator"], found["denominator"]) == (int(row["monitored"]), int(row["of"]))
