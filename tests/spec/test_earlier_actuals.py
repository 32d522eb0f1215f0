"""What stands beside a target whose own period has no actual: the newest earlier one, of its own grain or of a year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.catalogue.periods import span
from indicators.programme.targets import target_result
from indicators.programme.verdicts import Target
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.spec.table import rows_of

HEADER = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
NOW = datetime(2026, 1, 2, 8, 0)
#: The figures known, the period of the target, and the period and value of the earlier actual.
TABLE = """
figures                                     | from       | to         | earlier | value
2024=40 2025-Q2=41 2025-Q3=42               | 2025-10-01 | 2025-12-31 | 2025-Q3 | 42
2024=40                                     | 2025-10-01 | 2025-12-31 | 2024    | 40
2024-Q1=39                                  | 2025-10-01 | 2025-12-31 | 2024-Q1 | 39
2024-Q1=39 2024=40                          | 2025-10-01 | 2025-12-31 | 2024    | 40
2023-Q4=38 2024-02=39                       | 2025-10-01 | 2025-12-31 | 2024-Q1 | 39
2023-Q4=38 2024-H1=39                       | 2025-10-01 | 2025-12-31 | 2024    | 39
2024=40 2024-Q4=43                          | 2025-01-01 | 2025-03-31 | 2024-Q4 | 43
2024-11=44 2024=40 2025-06=45               | 2025-08-01 | 2025-08-31 | 2025-06 | 45
2024=40 2025-Q3=42                          | 2026-01-01 | 2026-12-31 | 2025    | 42
2026-Q1=42                                  | 2025-10-01 | 2025-12-31 | -       | -
"""


def stretch(label: str) -> tuple[str, str]:
    """First and last day of a year, its first half, a quarter or a month by its name."""
    year, _, part = label.partition("-")
    if not part:
        return f"{year}-01-01", f"{year}-12-31"
    if part == "H1":
        return f"{year}-01-01", f"{year}-06-30"
    if part.startswith("Q"):
        return {
            "1": (f"{year}-01-01", f"{year}-03-31"),
            "2": (f"{year}-04-01", f"{year}-06-30"),
            "3": (f"{year}-07-01", f"{year}-09-30"),
            "4": (f"{year}-10-01", f"{year}-12-31"),
        }[part[1:]]
    return f"{year}-{part}-01", f"{year}-{part}-{monthrange(int(year), int(part))[1]}"


@pytest.mark.parametrize("row", rows_of(TABLE), ids=lambda row: f"{row['figures']} before {row['from']}")
def test_the_newest_earlier_actual(row: dict[str, str], figures_settings: Settings, tmp_path: Path) -> None:
    lines = []
    for told in row["figures"].split():
        label, value = told.split("=")
        first, last = stretch(label)
        lines.append(f"electronic_forms,18,,{first},{last},,,{value},percent,,x")
    settings = replace(figures_settings, warehouse=tmp_path / "warehouse")
    text = "\n".join([HEADER, *lines, ""])
    report = load_bytes("luvut.csv", text.encode(), LoadOptions(), settings, now=NOW, today=NOW.date())
    assert report.status == "loaded"
    period = span(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]))
    target = Target("electronic_forms", "18", period, ">=", 45, "percent", "45 %", None)
    snapshot = Warehouse(settings.warehouse).current()
    found = target_result(snapshot, settings, target, as_of=NOW.date())
    earlier = found.earlier
    assert found.actual.value is None
    told = ("-", "-") if earlier is None else (earlier.period.label, f"{earlier.value:g}")
    assert told == (row["earlier"], row["value"])
    assert bool(found.loads) == (earlier is not None)
