"""Settings of the installation: `data/settings.toml`, overridden by `TAKUUVAHTI_*` in the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import field, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from indicators.catalogue.errors import UsageError
from indicators.catalogue.places import ROOT

SETTINGS_FILE = ROOT / "data" / "settings.toml"

#: Where browsers find the application, such as https://takuuvahti.example.fi; empty where nobody set it.
Address = Annotated[
    str, StringConstraints(pattern=r"^(https?://([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?)?$")
]
#: A folder written in the settings is relative to the root of the project.
Folder = Annotated[Path, BeforeValidator(lambda value: ROOT / value if isinstance(value, str) else value)]
#: The same where none is a choice too, written as an empty text.
OptionalFolder = Annotated[
    Path | None,
    BeforeValidator(lambda value: (ROOT / value if value else None) if isinstance(value, str) else value),
]


@dataclass(frozen=True, config=ConfigDict(extra="forbid", coerce_numbers_to_str=True))
class Settings:
    """All settings, parsed. Shares are 0–1, percentages 0–100, times in seconds."""

    default_area: str
    default_language: str
    public_address: Address
    single_user: bool
    access_rules: Folder
    accessibility_contact: str
    warehouse: Folder
    results_folder: OptionalFolder
    results_internal_folder: OptionalFolder
    deliveries: Folder
    smtp_host: str
    smtp_port: int
    smtp_security: Literal["starttls", "tls", "none"]
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: str
    max_bad_rows_share: float
    shrunk_share: float
    known_values_share: float
    lost_values_least: int
    lock_wait_seconds: float
    snapshots_kept: int
    withdrawable_loads: int
    watch_settle_seconds: float
    watch_keep_days: int
    set_aside_keep_days: int
    audit_keep_days: int
    memory_limit_mb: int
    largest_file_mb: int
    largest_row_mb: int
    warm_up: bool
    eves_are_weekdays: bool
    monitoring_min_coverage_pct: float
    low_coverage_pct: float
    hide_below: int
    count_noise: float
    share_min_n: int
    median_min_n: int
    p90_min_n: int
    longest_min_queue: int

    def with_warehouse(self, folder: Path | None) -> Settings:
        """The same settings with another warehouse folder; None: the present one."""
        return self if folder is None else replace(self, warehouse=folder)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings file and the environment. Raises UsageError with all faults of all settings.

    >>> load_settings({"TAKUUVAHTI_DEFAULT_AREA": "20"}).default_area
    '20'
    """
    environment = os.environ if environment is None else environment
    with SETTINGS_FILE.open("rb") as file:
        written = tomllib.load(file)
    names = {field.name: f"TAKUUVAHTI_{field.name.upper()}" for field in fields(Settings)}
    written |= {name: environment[variable] for name, variable in names.items() if variable in environment}
    try:
        return Settings(**written)
    except ValidationError as error:
        raise UsageError("settings", faults="; ".join(map(_fault, error.errors()))) from error


def _fault(error: ErrorDetails) -> str:
    name = error["loc"][0]
    if error["type"] == "missing":
        return f"{name}: missing"
    if error["type"] == "unexpected_keyword_argument":
        return f"{name}: unknown setting"
    return f"{name}: {error['input']!r} is not {Settings.__annotations__[str(name)]}"


_FINLAND = ZoneInfo("Europe/Helsinki")


def today_in_finland() -> date:
    """The present day where the figures are made, for entry points."""
    return datetime.now(_FINLAND).date()


def in_finland(moment: datetime) -> datetime:
    """A moment with a time zone as the clocks in Finland show it."""
    return moment.astimezone(_FINLAND)
