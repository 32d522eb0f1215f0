"""Settings of the installation: `data/settings.toml`, overridden by `TAKUUVAHTI_*` in the environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from indicators.catalogue.errors import UsageError
from indicators.catalogue.places import ROOT

SETTINGS_FILE = ROOT / "data" / "settings.toml"
#: Where browsers find the application: scheme and host, with a port or without.
_ADDRESS = re.compile(r"https?://[a-zA-Z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?")


@dataclass(frozen=True)
class Settings:
    """All settings, parsed. Shares are 0–1, percentages 0–100, times in seconds."""

    default_area: str
    default_language: str
    public_address: str
    single_user: bool
    warehouse: Path
    max_bad_rows_share: float
    shrunk_share: float
    lock_wait_seconds: float
    snapshots_kept: int
    withdrawable_loads: int
    watch_settle_seconds: float
    watch_keep_days: int
    set_aside_keep_days: int
    memory_limit_mb: int
    largest_file_mb: int
    largest_row_mb: int
    warm_up: bool
    eves_are_weekdays: bool
    monitoring_min_coverage_pct: float
    low_coverage_pct: float
    hide_below: int
    share_min_n: int
    median_min_n: int
    p90_min_n: int
    longest_min_queue: int

    def with_warehouse(self, folder: Path | None) -> Settings:
        """The same settings with another warehouse folder; `None` keeps the present one."""
        return self if folder is None else replace(self, warehouse=folder)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings file and the environment.

    Raises UsageError naming every setting that is unknown, missing or of the wrong type, all at once.

    >>> load_settings({"TAKUUVAHTI_DEFAULT_AREA": "20"}).default_area
    '20'
    """
    environment = os.environ if environment is None else environment
    with SETTINGS_FILE.open("rb") as file:
        written = tomllib.load(file)
    faults: list[str] = []
    values: dict[str, Any] = {}
    types = {field.name: str(field.type) for field in fields(Settings)}
    faults += [f"{name}: unknown setting" for name in written if name not in types]
    for name, kind in types.items():
        value: Any = environment.get(f"TAKUUVAHTI_{name.upper()}", written.get(name))
        if value is None:
            faults.append(f"{name}: missing")
            continue
        try:
            values[name] = _parse(kind, value)
        except ValueError:
            faults.append(f"{name}: {value!r} is not {kind}")
    if (address := values.get("public_address")) and not _ADDRESS.fullmatch(address):
        faults.append(f"public_address: {address!r} is not an address such as https://takuuvahti.example.fi")
    if faults:
        raise UsageError("settings", faults="; ".join(faults))
    return Settings(**values)


def today_in_finland() -> date:
    """The present day where the figures are made, for entry points."""
    return datetime.now(ZoneInfo("Europe/Helsinki")).date()


def _parse(kind: str, value: Any) -> Any:
    if kind == "bool":
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"true", "1", "yes"}:
            return True
        if str(value).lower() in {"false", "0", "no"}:
            return False
        raise ValueError(value)
    if kind == "Path":
        path = Path(str(value))
        return path if path.is_absolute() else ROOT / path
    return {"str": str, "int": int, "float": float}[kind](value)
