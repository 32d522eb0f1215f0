"""A named scenario of a queue: what is planned and wanted, as a value that is saved, opened again and put into a link."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, TypeAdapter

from indicators.catalogue.errors import UsageError
from indicators.catalogue.parsing import KNOWN_KEYS_ONLY, Words, one_of, parse
from indicators.catalogue.places import REFERENCE, read_toml
from indicators.planning.compartments import CALIBRATED, LONGEST, NEWEST, Order, Stream
from indicators.planning.runs import Change, ends_of
from indicators.planning.targets import OVER, QUEUE, SHARE, Wanted

OWN, BOUGHT, VOUCHER = "own", "bought", "voucher"
PRODUCERS = (OWN, BOUGHT, VOUCHER)
ORDERS = (CALIBRATED, LONGEST, NEWEST)
#: Scenarios that ship with the software, one TOML file each.
SHIPPED = REFERENCE / "queue_scenarios"
#: A link is no longer than this, and what is in it neither.
_LONGEST_LINK, _LONGEST_TEXT = 4000, 20_000

_Number = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
_Part = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class PlannedStream:
    """Extra visits from a day to a day (both included): so many a week, until a budget is spent, or all that it pays.

    `order` says whom they go to; `price_eur` is that of one visit. A week that is cut has its part.
    """

    __pydantic_config__ = KNOWN_KEYS_ONLY

    name: Words
    producer: Annotated[str, one_of(PRODUCERS)]
    first_day: date
    last_day: date
    visits_a_week: _Number | None = None
    budget_eur: _Number | None = None
    price_eur: _Number = 0.0
    order: Annotated[str, one_of(ORDERS)] = LONGEST

    def visits(self, ends: Sequence[date]) -> np.ndarray:
        """Its visits in each of the weeks that end on some days."""
        parts = parts_of(ends, self.first_day, self.last_day)
        total = np.inf if self.budget_eur is None else self.budget_eur / self.price_eur
        if self.visits_a_week is None:
            # Spread evenly over all its weeks, also those after the horizon.
            weeks = ((self.last_day - self.first_day).days + 1) / 7
            return parts * total / weeks
        offered = parts * self.visits_a_week
        return np.diff(np.minimum(np.cumsum(offered), total), prepend=0.0)


@dataclass(frozen=True)
class Closure:
    """Usual visits that are lost from a day to a day (both included): holidays, closed clinics."""

    __pydantic_config__ = KNOWN_KEYS_ONLY

    first_day: date
    last_day: date
    lost_pct: Annotated[float, Field(ge=0, le=100)] = 100.0


@dataclass(frozen=True)
class Target:
    """What is wanted by a day and kept after: a share within the limit in per cent, or at most so many waiting or over it."""

    __pydantic_config__ = KNOWN_KEYS_ONLY

    kind: Annotated[str, one_of((SHARE, QUEUE, OVER))] = SHARE
    value: _Number = 90.0
    by: date | None = None

    @property
    def wanted(self) -> Wanted:
        """The target as the model has it, a share between 0 and 1."""
        return Wanted(self.kind, self.value / 100 if self.kind == SHARE else self.value)


@dataclass(frozen=True)
class Scenario:
    """A scenario of one queue. `area`, `units`, `service` and `profession` say which; no unit means all of the area.

    `growth_pct` is that of demand, a year; `usual_order` whom usual visits go to, `reserved` parts of them instead;
    `arrivals_a_week` and `visits_a_week` replace the measured levels, `waiting` and `over` the queue where only counts are
    known. `weeks` is the horizon.
    """

    __pydantic_config__ = KNOWN_KEYS_ONLY

    name: Words
    area: Words
    service: Words
    units: tuple[Words, ...] = ()
    profession: Words | None = None
    weeks: Annotated[int, Field(ge=4, le=156)] = 52
    growth_pct: Annotated[float, Field(ge=-50, le=100)] = 0.0
    usual_order: Annotated[str, one_of(ORDERS)] = CALIBRATED
    reserved: Mapping[Annotated[str, one_of((LONGEST, NEWEST))], _Part] | None = None
    streams: tuple[PlannedStream, ...] = ()
    closures: tuple[Closure, ...] = ()
    target: Target = Target()
    arrivals_a_week: _Number | None = None
    visits_a_week: _Number | None = None
    waiting: _Number | None = None
    over: _Number | None = None

    @property
    def where(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Its queue as filters of a question."""
        filters = {"area": (self.area,), "unit": self.units, "service": (self.service,)}
        filters["profession"] = (self.profession,) if self.profession else ()
        return tuple((name, values) for name, values in filters.items() if values)

    @property
    def order(self) -> Order:
        """Whom the usual visits go to."""
        return dict(self.reserved) if self.reserved else {self.usual_order: 1.0}

    @property
    def without_changes(self) -> Scenario:
        """The same queue as it is today."""
        return Scenario(
            self.name,
            self.area,
            self.service,
            self.units,
            self.profession,
            self.weeks,
            target=self.target,
            arrivals_a_week=self.arrivals_a_week,
            visits_a_week=self.visits_a_week,
            waiting=self.waiting,
            over=self.over,
        )

    def moved_to(self, first: date) -> Scenario:
        """The same with all its days later, or earlier, so that its first stream begins on a day."""
        if not self.streams:
            return self
        by = first - min(one.first_day for one in self.streams)

        def moved(of: Any) -> Any:
            return replace(of, first_day=of.first_day + by, last_day=of.last_day + by)

        target = replace(self.target, by=self.target.by + by) if self.target.by else self.target
        streams, closures = tuple(map(moved, self.streams)), tuple(map(moved, self.closures))
        return replace(self, streams=streams, closures=closures, target=target)

    def change(self, snapshot: date) -> Change:
        """What it does to the weeks after a snapshot."""
        ends = ends_of(snapshot, self.weeks)
        growth = (1 + self.growth_pct / 100) ** (np.arange(1, self.weeks + 1) / 52)
        lost = np.ones(self.weeks)
        for closure in self.closures:
            lost = lost * (1 - parts_of(ends, closure.first_day, closure.last_day) * closure.lost_pct / 100)
        streams = [Stream(one.visits(ends), {one.order: 1.0}) for one in self.streams]
        return Change(growth, lost, streams, self.order)

    def by_week(self, snapshot: date) -> int:
        """The number of the week of its target: the last one that ends by its day, within the horizon; without a day the last."""
        if self.target.by is None:
            return self.weeks
        return min(max((self.target.by - snapshot).days // 7, 1), self.weeks)

    def seed(self, snapshot: date) -> int:
        """Of the queue and the day: all scenarios of one queue are run with the same numbers, so that they differ run by run."""
        of = [
            snapshot.isoformat(),
            self.where,
            self.arrivals_a_week,
            self.visits_a_week,
            self.waiting,
            self.over,
        ]
        return int.from_bytes(sha256(json.dumps(of).encode()).digest()[:6])

    def written(self) -> dict[str, Any]:
        """It as plain values, without what is as usual."""
        return dict(_adapter().dump_python(self, mode="json", exclude_defaults=True))

    def to_json(self) -> str:
        """It as a file."""
        return json.dumps(self.written(), ensure_ascii=False, indent=2) + "\n"

    def to_link(self) -> str:
        """It as text that a link can have, of letters, digits, - and _."""
        packed = zlib.compress(
            json.dumps(self.written(), ensure_ascii=False, separators=(",", ":")).encode(), 9
        )
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


@cache
def _adapter() -> TypeAdapter[Scenario]:
    return TypeAdapter(Annotated[Scenario, AfterValidator(_checked)])


def _checked(scenario: Scenario) -> Scenario:
    faults = [
        f"{name}: last_day {last} is before first_day {first}"
        for name, first, last in (
            *((one.name, one.first_day, one.last_day) for one in scenario.streams),
            *(("closures", one.first_day, one.last_day) for one in scenario.closures),
        )
        if last < first
    ]
    for one in scenario.streams:
        if one.visits_a_week is None and one.budget_eur is None:
            faults.append(f"{one.name}: visits_a_week or budget_eur missing")
        if one.budget_eur is not None and not one.price_eur:
            faults.append(f"{one.name}: a budget needs a price_eur above 0")
    if scenario.reserved and sum(scenario.reserved.values()) > 1:
        faults.append("reserved: more than all visits")
    if scenario.target.kind == SHARE and scenario.target.value > 100:
        faults.append("target: a share above 100")
    if faults:
        raise ValueError(*faults)
    return scenario


def read_scenario(written: Mapping[str, Any]) -> Scenario:
    """A scenario from plain values. Raises UsageError with every fault at once."""
    found, faults = parse(_adapter(), dict(written))
    if faults:
        raise UsageError("bad_scenario", faults="; ".join(faults))
    return found[0]


def open_scenario(path: Path) -> Scenario:
    """A scenario from a TOML or JSON file. Raises UsageError."""
    try:
        if path.suffix.lower() == ".toml":
            return read_scenario(read_toml(path))
        written = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError("bad_scenario", faults=f"{path.name}: {type(error).__name__}") from None
    if not isinstance(written, dict):
        raise UsageError("bad_scenario", faults=path.name)
    return read_scenario(written)


def from_link(text: str) -> Scenario:
    """A scenario from a link. Raises UsageError, also for what is far too long."""
    try:
        if len(text) > _LONGEST_LINK:
            raise ValueError("too long")
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(packed, _LONGEST_TEXT)
        if not unpacking.eof:
            raise ValueError("cut short or too long")
        written = json.loads(plain)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise UsageError("bad_scenario", faults=type(error).__name__) from None
    if not isinstance(written, dict):
        raise UsageError("bad_scenario", faults="link")
    return read_scenario(written)


def shipped_scenarios() -> dict[str, Scenario]:
    """The scenarios that ship with the software, by the name of their file."""
    return {path.stem: open_scenario(path) for path in sorted(SHIPPED.glob("*.toml"))}


def parts_of(ends: Sequence[date], first: date, last: date) -> np.ndarray:
    """The part of each week, which ends on a day, that lies from a day to a day (both included).

    >>> parts_of([date(2025, 1, 13), date(2025, 1, 20)], date(2025, 1, 13), date(2025, 2, 1)).round(2).tolist()
    [0.14, 1.0]
    """
    days = [(min(end, last) - max(end - timedelta(days=6), first)).days + 1 for end in ends]
    return np.clip(np.array(days, float), 0, 7) / 7
