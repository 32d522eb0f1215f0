"""What the codes of the results mean: indicators with their definitions, areas, units, services and periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from indicators.catalogue.definition import TEXTS
from indicators.catalogue.labels import code_names, name_of
from indicators.catalogue.languages import LANGUAGES
from indicators.engine.measures import definitions_of
from indicators.engine.unit_names import unit_names
from indicators.programme.benchmarks import residents
from pipelines.warehouse import Snapshot


def indicators_table(snapshot: Snapshot) -> pd.DataFrame:
    """One row per indicator: its definition, its texts by language."""
    rows = []
    for found in definitions_of(snapshot).values():
        row: dict[str, object] = {
            "indicator": found.id,
            "family": found.family,
            "theme": found.theme or None,
            "unit": found.unit,
            "decimals": found.decimals,
            "better": found.better,
            "counts_persons": found.counts_persons,
            "adds_up": found.adds_up,
            "point_in_time": found.point_in_time,
            "headline_scope": "; ".join(
                f"{name}={','.join(values)}" for name, values in sorted(found.headline_scope.items())
            ),
            "owner": found.owner,
            "review": found.review,
        }
        row |= {
            f"{text}_{language}": getattr(found.text[language], text)
            for text in TEXTS
            for language in LANGUAGES
        }
        rows.append(row)
    return pd.DataFrame(rows)


def areas_table(codes: Iterable[str]) -> pd.DataFrame:
    """One row per area: its names and its residents, where they are known."""
    known = residents()
    return _named("area", codes).assign(residents=lambda table: table["area"].map(known).astype("Int64"))


def services_table(codes: Iterable[str]) -> pd.DataFrame:
    """One row per service: its names."""
    shipped = [code for dimension, code in code_names() if dimension == "service"]
    return _named("service", (*shipped, *codes))


def units_table(snapshot: Snapshot, codes: Iterable[str]) -> pd.DataFrame:
    """One row per unit: its names, area and kind, and since and until when it is one."""
    master = snapshot.frame(
        "SELECT unit, area, kind, valid_from, valid_to, successor FROM units ORDER BY unit"
    )
    master = master.astype(dict.fromkeys(("unit", "area", "kind", "successor"), "str"))
    for name in ("valid_from", "valid_to"):
        master[name] = [None if pd.isna(day) else pd.Timestamp(day).date() for day in master[name]]
    names = _named("unit", (*master["unit"], *codes), unit_names(snapshot))
    return names.merge(master, on="unit", how="left")


def periods_table(values: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """One row per period of the values: its grain, days, and the year, quarter and month it begins in."""
    columns = ["period", "grain", "period_start", "period_end"]
    found = pd.concat([table[columns] for table in values], ignore_index=True).drop_duplicates("period")
    found = found.sort_values(["period_start", "period_end"], kind="stable", ignore_index=True)
    starts: list[date] = list(found["period_start"])
    return found.assign(
        # Of a week the ISO year, so that week 1 lies in the year it is numbered by.
        year=[
            start.isocalendar().year if grain == "week" else start.year
            for start, grain in zip(starts, found["grain"], strict=True)
        ],
        quarter=[(start.month + 2) // 3 for start in starts],
        month=[start.month for start in starts],
        days=[(end - start).days + 1 for start, end in zip(starts, found["period_end"], strict=True)],
    )


def _named(
    dimension: str, codes: Iterable[str], units: Mapping[str, Mapping[str, str]] | None = None
) -> pd.DataFrame:
    """Codes, each once and in their order, with a name in each language."""
    listed = sorted(set(codes))
    return pd.DataFrame(
        {
            dimension: pd.Series(listed, dtype="str"),
            **{
                f"name_{language}": pd.Series(
                    [name_of(dimension, code, language, units) for code in listed], dtype="str"
                )
                for language in LANGUAGES
            },
        }
    )
