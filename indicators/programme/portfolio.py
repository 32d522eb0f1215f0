"""Projects and their investments: money planned and spent, traffic lights as reported, steps promised by a date.

Everything is read as the sources print it. Sums are of the finest rows that make a whole: a printed total where the
source has one for that investment and year, else its groups, else its items; what is only a part of another row
(`detail`) or counted across rows (`memo`) is in no sum. Where printed and computed sums differ, both are shown. An
actual that is not reported is None, never zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from indicators.catalogue.languages import texts_of_row
from indicators.catalogue.places import reference_rows
from indicators.engine.question import LoadUsed
from pipelines.warehouse import Snapshot
from pipelines.warehouse.scales import is_done

#: Levels of a row of a budget.
TOTAL, GROUP, ITEM, DETAIL, MEMO = "total", "group", "item", "detail", "memo"
#: `2023: toteuma 31.8.`: the day up to which a year's spending was counted, as the source notes it.
_UNTIL = re.compile(r"\b(\d{4}): toteuma (\d{1,2})\.(\d{1,2})\.")


@dataclass(frozen=True)
class BudgetLine:
    """One row of a budget as printed. `years` is a year or `2023-2025`; money in euros, None where nothing is given.

    `investment` is None for a row of the whole project.
    """

    area: str
    project: str
    investment: str | None
    cost_item: str
    level: str
    years: str
    budget_eur: float | None
    actual_eur: float | None
    note: str | None
    cited_source: str | None
    load_id: str

    @property
    def start(self) -> date:
        """The first day of its years."""
        return date(int(self.years[:4]), 1, 1)

    @property
    def end(self) -> date:
        """The last day of its years."""
        return date(int(self.years[-4:]), 12, 31)

    @property
    def counted_until(self) -> date | None:
        """The day up to which its actual was counted, where its note says so; None: to the end of its years."""
        found = _UNTIL.search(self.note or "")
        return date(int(found[1]), int(found[3]), int(found[2])) if found else None


@dataclass(frozen=True)
class Light:
    """One aspect of one report: `status` as reported (`as_planned`, `deviation` …), or a progress in per cent."""

    area: str
    project: str
    investment: str | None
    start: date
    end: date
    aspect: str
    status: str | None
    progress_pct: float | None
    cited_source: str | None
    load_id: str


@dataclass(frozen=True)
class Milestone:
    """One step promised by a day. `scale` are the words of its progress; `status` one of them, None where not reported."""

    area: str
    project: str
    work_package: str | None
    name: str
    scale: tuple[str, ...]
    planned_start: date | None
    planned_end: date | None
    status: str | None
    achieved_on: date | None
    as_written: str | None
    cited_source: str | None
    load_id: str

    @property
    def reported(self) -> bool:
        """Whether anything has been reported of it."""
        return self.status is not None or self.achieved_on is not None

    @property
    def done(self) -> bool | None:
        """Whether it is reported as reached, by its day or by the end of its scale; None where that is not reported."""
        if self.achieved_on is not None:
            return True
        return None if self.status is None else is_done(self.status, "/".join(self.scale))

    def overdue(self, as_of: date) -> bool:
        """Whether its day has passed without a report."""
        return not self.reported and self.planned_end is not None and self.planned_end < as_of


@dataclass(frozen=True)
class Money:
    """What a project, an investment or a year has and has used, in euros.

    `actual` is None where no spending is reported at all. `start` and `end` are those of the rows; `counted_until` the day up
    to which the newest spending was counted. `partial` is whether a row of the years gone by then lacks its spending, or some
    rows, but not all, their budget: then the two are not of the same and are neither divided nor subtracted.
    """

    budget: float | None
    actual: float | None
    start: date
    end: date
    counted_until: date
    partial: bool = False

    @property
    def remaining(self) -> float | None:
        """Budget − actual, below zero where more was used; None where they are not of the same."""
        if self.budget is None or self.actual is None or self.partial:
            return None
        return self.budget - self.actual

    @property
    def used_pct(self) -> float | None:
        """The share of the budget that is used, 0–100 and beyond; None without both, or where they are not of the same."""
        if not self.budget or self.actual is None or self.partial:
            return None
        return 100 * self.actual / self.budget

    def elapsed_pct(self, as_of: date) -> float:
        """The share of the days of its years that has gone by at the end of a day, 0–100."""
        days = (self.end - self.start).days + 1
        return 100 * min(max((as_of - self.start).days + 1, 0), days) / days


@dataclass(frozen=True)
class Disagreement:
    """A printed sum that its own rows do not make. `what` is `budget` or `actual`; euros."""

    project: str
    investment: str | None
    years: str
    cost_item: str
    what: str
    printed: float
    computed: float

    @property
    def difference(self) -> float:
        """Printed − computed."""
        return self.printed - self.computed


@dataclass(frozen=True)
class SourceNote:
    """What does not agree in a source and cannot be computed from its rows, by language."""

    area: str
    project: str
    texts: tuple[tuple[str, str], ...]
    cited_source: str

    def text(self, language: str) -> str:
        """The words in a language."""
        return dict(self.texts)[language]


@dataclass(frozen=True)
class Portfolio:
    """Everything that is known of the projects of an area. `loads` are the loads behind it."""

    lines: tuple[BudgetLine, ...]
    lights: tuple[Light, ...]
    milestones: tuple[Milestone, ...]
    loads: tuple[LoadUsed, ...]

    @property
    def demo(self) -> bool:
        """Whether any row is synthetic."""
        return any(load.demo for load in self.loads)

    @property
    def projects(self) -> tuple[str, ...]:
        """The projects by name, in alphabetical order."""
        named: tuple[BudgetLine | Light | Milestone, ...] = (*self.lines, *self.lights, *self.milestones)
        return tuple(sorted({one.project for one in named}))

    def of(self, project: str) -> Portfolio:
        """The same of one project, with the loads behind it."""
        lines = tuple(one for one in self.lines if one.project == project)
        lights = tuple(one for one in self.lights if one.project == project)
        milestones = tuple(one for one in self.milestones if one.project == project)
        rows: tuple[BudgetLine | Light | Milestone, ...] = (*lines, *lights, *milestones)
        used = {one.load_id for one in rows}
        return Portfolio(
            lines, lights, milestones, tuple(load for load in self.loads if load.load_id in used)
        )


def portfolio(snapshot: Snapshot, area: str) -> Portfolio:
    """The projects of an area: budgets by investment and year, lights, milestones in the order of their days."""
    lines = [
        BudgetLine(*row)
        for row in snapshot.rows(
            """SELECT area, project, investment, cost_item, level, year, budget_eur, actual_eur, note, cited_source,
                      load_id
               FROM project_budgets WHERE area = ? ORDER BY project, investment, year, cost_item""",
            [area],
        )
    ]
    lights = [
        Light(*row)
        for row in snapshot.rows(
            """SELECT area, project, investment, report_period_start, report_period_end, aspect, status, progress_pct,
                      cited_source, load_id
               FROM traffic_lights WHERE area = ? ORDER BY project, investment, report_period_start, aspect""",
            [area],
        )
    ]
    milestones = [
        replace(Milestone(*row), scale=_scale(row[4]))
        for row in snapshot.rows(
            """SELECT area, project, work_package, milestone, scale, planned_start, planned_end, status, achieved_on,
                      as_written, cited_source, load_id
               FROM milestones WHERE area = ? ORDER BY project, planned_end, planned_start, work_package, milestone""",
            [area],
        )
    ]
    every: list[BudgetLine | Light | Milestone] = [*lines, *lights, *milestones]
    ids = sorted({one.load_id for one in every})
    loads = snapshot.rows(
        """SELECT load_id, source, file, extract_date, period_start, period_end, demo FROM loads
           WHERE load_id IN (SELECT unnest(?)) ORDER BY extract_date DESC, sequence DESC""",
        [ids],
    )
    return Portfolio(tuple(lines), tuple(lights), tuple(milestones), tuple(LoadUsed(*row) for row in loads))


def portfolio_areas(snapshot: Snapshot) -> tuple[str, ...]:
    """The areas with a project, in the order of their codes."""
    rows = snapshot.rows(
        """SELECT area FROM project_budgets UNION SELECT area FROM traffic_lights
           UNION SELECT area FROM milestones ORDER BY area"""
    )
    return tuple(area for (area,) in rows)


def _scale(written: str | None) -> tuple[str, ...]:
    """The words of a scale.

    >>> _scale("kuvattu/ei kuvattu"), _scale(None)
    (('kuvattu', 'ei kuvattu'), ())
    """
    return tuple(word.strip() for word in (written or "").split("/") if word.strip())


def whole(lines: Sequence[BudgetLine]) -> tuple[BudgetLine, ...]:
    """The rows that make the sum of some rows: by investment and years the totals, else the groups, else the items."""
    found: list[BudgetLine] = []
    keys = dict.fromkeys((line.investment, line.years) for line in lines)
    for key in keys:
        mine = [line for line in lines if (line.investment, line.years) == key]
        for level in (TOTAL, GROUP, ITEM):
            at_level = [line for line in mine if line.level == level]
            if at_level:
                found += at_level
                break
    # Beside a total of the whole project the rows of its investments make the sum, and the total is compared with it.
    if any(line.investment for line in found):
        found = [line for line in found if line.investment]
    return tuple(found)


def money(lines: Sequence[BudgetLine]) -> Money | None:
    """What some rows of one project add up to; None where no row makes a sum."""
    summed = whole(lines)
    if not summed:
        return None
    spent = [line for line in summed if line.actual_eur is not None]
    # A year that nothing is reported of was not counted; where nothing at all is, it is the years' end.
    newest = max(line.end for line in spent or summed)
    until = max(line.counted_until or line.end for line in spent or summed if line.end == newest)
    return Money(
        _sum(line.budget_eur for line in summed),
        _sum(line.actual_eur for line in spent),
        min(line.start for line in summed),
        max(line.end for line in summed),
        until,
        bool(spent)
        and (
            any(line.actual_eur is None and line.start <= until for line in summed)
            or len({line.budget_eur is None for line in summed}) > 1
        ),
    )


def _sum(amounts: Iterable[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return math.fsum(known) if known else None


def disagreements(lines: Sequence[BudgetLine]) -> tuple[Disagreement, ...]:
    """Printed totals of one project that differ from what their groups, else items, add up to.

    A total of the whole project is compared with the rows of its investments.
    """
    found = []
    for total in (line for line in lines if line.level == TOTAL):
        below = [line for line in lines if line.level != TOTAL and line.years == total.years]
        below = [line for line in below if line.investment == total.investment]
        if not below and total.investment is None:
            below = [line for line in lines if line.level != TOTAL and line.investment]
        summed = whole(below)
        for what in ("budget", "actual"):
            printed = getattr(total, f"{what}_eur")
            computed = _sum(getattr(line, f"{what}_eur") for line in summed)
            if printed is not None and computed is not None and round(printed - computed, 2):
                found.append(
                    Disagreement(
                        total.project, total.investment, total.years, total.cost_item, what, printed, computed
                    )
                )
    return tuple(found)


def odd_periods(known: Portfolio) -> tuple[Light, ...]:
    """One light of each report whose printed period ends later than the years its investment has a budget of."""
    found: dict[tuple[str, str | None, date], Light] = {}
    for light in known.lights:
        ends = [
            line.end
            for line in known.lines
            if line.project == light.project and line.investment == light.investment
        ]
        if ends and light.end > max(ends):
            found.setdefault((light.project, light.investment, light.end), light)
    return tuple(found.values())


@cache
def source_notes() -> tuple[SourceNote, ...]:
    """What does not agree in the sources of the shipped budgets and cannot be computed from their rows."""
    return tuple(
        SourceNote(
            row["area_code"],
            row["project"],
            tuple(texts_of_row(row, "text").items()),
            row["source"],
        )
        for row in reference_rows("source_notes.csv")
    )
