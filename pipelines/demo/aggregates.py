"""Synthetic files of the aggregate layouts, a few rows each, most of them fixed ones of the folder `aggregates`.

A scale with a folder of its own has those files from there that it has there.

Their keys (months, an invented project) are none of the shipped figures', and each row says that it is invented.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from pipelines.demo.population import AREA, LAST_DAY, World, below

INVENTED = "Synteettinen esimerkki"
FIXED = Path(__file__).with_name("aggregates")
LAYOUTS = (
    *("figures", "targets", "queue_counts", "project_budgets", "traffic_lights", "milestones", "annotations"),
    *("measures", "risks", "annual_clock", "target_groups"),
)
_FIGURES = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
)
_QUEUE_COUNTS = "snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source"


def write_aggregates(out: Path, world: World) -> list[Path]:
    """Write one file per aggregate layout into a folder and return them."""
    random = world.random(12)
    year = LAST_DAY.year
    months = [_month(year, month) for month in range(1, 13)]
    counts = below(random, 200, 24).tolist()
    figures: list[tuple[object, ...]] = [
        (
            "electronic_forms",
            AREA,
            "digital_services",
            *days,
            400 + forms,
            1000 + more,
            "",
            "percent",
            "",
            INVENTED,
        )
        for days, forms, more in zip(months, counts[:12], counts[12:], strict=True)
    ]
    monday = date(year, 12, 29)
    unit = (AREA, "ESIMERKKI-01", "physiotherapy")
    queue_counts: list[tuple[object, ...]] = [
        (monday - timedelta(weeks=weeks), *unit, 40 + waiting, waiting // 20, "", INVENTED)
        for weeks, waiting in enumerate(below(random, 60, 8).tolist())
    ]
    generated: dict[str, tuple[str, list[tuple[object, ...]]]] = {
        "figures": (_FIGURES, figures),
        "queue_counts": (_QUEUE_COUNTS, queue_counts),
    }
    written = []
    for name in LAYOUTS:
        path = out / f"demo_{name}.csv"
        if name in generated:
            _write(path, *generated[name])
        else:
            own = (world.scale.folder or FIXED) / path.name.removeprefix("demo_")
            fixed = own if own.exists() else FIXED / own.name
            path.write_text(fixed.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _month(year: int, month: int) -> tuple[date, date]:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _write(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
