"""Writing the results folder: all its files are made next to it, then the whole folder is exchanged."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import pandas as pd
from filelock import FileLock

from indicators.answer_tables import CannotWrite, targets_table, write
from indicators.catalogue.errors import UsageError, reason_of
from indicators.programme.targets import target_areas, target_results
from indicators.results.dimensions import (
    areas_table,
    indicators_table,
    periods_table,
    services_table,
    units_table,
)
from indicators.results.values import LEVELS, Audience, values_by
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from pipelines.warehouse.swap_version import make_private

#: The table that says what the others are: of which version, made for whom. A folder with it is ours.
ABOUT = "about"
FORMATS = ("parquet", "csv")


def results(
    snapshot: Snapshot, settings: Settings, *, as_of: date, audience: Audience
) -> Mapping[str, pd.DataFrame]:
    """Every table of the results by its name; `as_of` decides which targets are due."""
    values = {f"values_by_{level}": values_by(snapshot, settings, level, audience) for level in LEVELS}
    by_area, by_unit, by_service = values.values()
    targets = targets_table(
        [
            result
            for area in target_areas(snapshot)
            for result in target_results(
                snapshot, settings, as_of=as_of, area=area, suppress=not audience.internal
            )
        ]
    )
    return {
        **values,
        "targets": targets,
        "indicators": indicators_table(snapshot),
        "areas": areas_table([*by_area["area"], *targets["area"]]),
        "units": units_table(snapshot, by_unit["unit"]),
        "services": services_table(by_service["service"]),
        "periods": periods_table(values.values()),
        ABOUT: _about(snapshot, settings, as_of, audience),
    }


def _about(snapshot: Snapshot, settings: Settings, as_of: date, audience: Audience) -> pd.DataFrame:
    """What the tables are, as names and values."""
    facts = {
        "audience": audience.name,
        "version": snapshot.version,
        "published_at": snapshot.meta("published_at") or "",
        "targets_judged_on": as_of.isoformat(),
        "suppressed_below": "" if audience.internal else str(settings.hide_below),
    }
    return pd.DataFrame({"name": list(facts), "value": list(facts.values())}, dtype="str")


def write_results(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write each table as Parquet and CSV to a new folder and put it in the place of the one before.

    A reader sees the tables of one version or of another, never of both. Raises CannotWrite.
    """
    making, old = (folder.with_name(f".{folder.name}.{name}") for name in ("new", "old"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            for left in (making, old):
                shutil.rmtree(left, ignore_errors=True)
            making.mkdir()
            if audience_of(tables[ABOUT]) == Audience(internal=True).name:
                make_private(making)
            for name, table in tables.items():
                for kind in FORMATS:
                    write(table, kind, making / f"{name}.{kind}")
            if folder.exists():
                folder.rename(old)
            making.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if old.is_dir() and not folder.exists():
            with suppress(OSError):
                old.rename(folder)
        raise CannotWrite("cannot_write", path=folder, reason=reason_of(error, folder)) from error


def audience_of(about: pd.DataFrame) -> str:
    """For whom the tables were made, by their table `about`."""
    return str(dict(zip(about["name"], about["value"], strict=True)).get("audience", ""))


def check_place(folder: Path, audience: Audience) -> None:
    """Raise UsageError where a folder has something else than results of this audience, which would be lost or mixed up."""
    if not folder.exists():
        return
    about = folder / f"{ABOUT}.parquet"
    if not folder.is_dir() or (not about.is_file() and any(folder.iterdir())):
        raise UsageError("results_not_ours", folder=folder)
    if about.is_file() and audience_of(pd.read_parquet(about)) != audience.name:
        raise UsageError("results_other_audience", folder=folder)
