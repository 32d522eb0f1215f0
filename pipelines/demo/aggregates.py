"""Synthetic files of the aggregate layouts, a few rows each.

They are for trying the layouts. Their keys (months, an invented project) are none of the shipped figures', and
each row says that it is invented.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from pipelines.demo.world import AREA, LAST_DAY, World, below

INVENTED = "Synteettinen esimerkki"
PROJECT = "Esimerkkihanke"


def write_aggregates(out: Path, world: World) -> list[Path]:
    """Write one file per aggregate layout into a folder and return them."""
    random = world.random(12)
    year = LAST_DAY.year
    months = [_month(year, month) for month in range(1, 13)]
    counts = below(random, 200, 24).tolist()
    figures = [
        (
            *("electronic_forms", AREA, "digital_services", first, last),
            *(400 + forms, 1000 + more, "", "percent", "", INVENTED),
        )
        for (first, last), forms, more in zip(months, counts[:12], counts[12:], strict=True)
    ]
    targets = [("electronic_forms", AREA, *months[-1], ">=", 50, "percent", "vähintään 50 %", INVENTED)]
    monday = date(year, 12, 29)
    queue_counts = [
        (
            monday - timedelta(weeks=weeks),
            AREA,
            "ESIMERKKI-01",
            "physiotherapy",
            40 + waiting,
            waiting // 20,
            "",
            INVENTED,
        )
        for weeks, waiting in enumerate(below(random, 60, 8).tolist())
    ]
    budgets = [(AREA, PROJECT, "investointi_1", "Henkilöstö", "item", year, 120_000, 98_500, "", INVENTED)]
    lights = [(AREA, PROJECT, "investointi_1", f"{year}-01-01", LAST_DAY, "progress", "", 80, INVENTED)]
    steps = [
        (
            *(AREA, PROJECT, "työpaketti 1", "Toimintamalli kuvattu", "kuvattu/ei kuvattu"),
            *(
                f"{year}-01-01",
                f"{year}-06-30",
                "kuvattu",
                f"{year}-05-30",
                "kuvattu 30.6. mennessä",
                INVENTED,
            ),
        )
    ]
    notes = [(AREA, "", "electronic_forms", f"{year}-03-01", INVENTED, "Syntetiskt exempel", "no")]
    measures = [
        (
            *(
                "example_stage",
                "Esimerkkimallin vaihe",
                "Exempelmodellens skede",
                "Stage of the example model",
            ),
            *(
                "stage",
                "up",
                "stage: suunnittelu/kokeilu/käyttöön otettu",
                "area",
                "aggregate",
                "maturity",
                "",
            ),
            INVENTED,
        )
    ]
    risks = [(AREA, PROJECT, "Henkilöstöriski", 3, 4, 12, "Sijaisjärjestelyt", "Hankejohtaja", "", INVENTED)]
    clock = [(AREA, PROJECT, "Ohjausryhmän kokous", "kerran kuussa", 12, "", "Ohjausryhmä", "", INVENTED)]
    groups = [(AREA, PROJECT, "Työntekijät", 120, "120 työntekijää", 100, "100 työntekijää", "", INVENTED)]
    return [
        _write(out / f"demo_{name}.csv", header, rows)
        for name, header, rows in (
            (
                "figures",
                "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source",
                figures,
            ),
            (
                "targets",
                "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source",
                targets,
            ),
            (
                "queue_counts",
                "snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source",
                queue_counts,
            ),
            (
                "project_budgets",
                "area_code,project,investment,cost_item,level,year,budget_eur,actual_eur,note,source",
                budgets,
            ),
            (
                "traffic_lights",
                "area_code,project,investment,report_period_start,report_period_end,aspect,status,progress_pct,source",
                lights,
            ),
            (
                "milestones",
                "area_code,project,work_package,milestone,scale,planned_start,planned_end,status,achieved_on,"
                "as_written,source",
                steps,
            ),
            ("annotations", "area,unit,indicator,date,text_fi,text_sv,break", notes),
            (
                "measures",
                "id,name_fi,name_sv,name_en,unit,better,kind,per,family,theme,as_written,source",
                measures,
            ),
            (
                "risks",
                "area_code,project,risk,probability,impact,score,mitigation,owner,note,source",
                risks,
            ),
            (
                "annual_clock",
                "area_code,project,what,when,times_a_year,date,who,as_written,source",
                clock,
            ),
            (
                "target_groups",
                "area_code,project,target_group,total,total_as_written,reach_target,reach_as_written,segments,source",
                groups,
            ),
        )
    ]


def _month(year: int, month: int) -> tuple[date, date]:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _write(path: Path, header: str, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path
