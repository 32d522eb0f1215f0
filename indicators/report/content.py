"""What a report holds, from answers alone: targets, series and their signals, queues, debt, coverage. No words yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from dateutil.relativedelta import relativedelta

from indicators.analysis.actions import KnownUntil, Work, work
from indicators.analysis.control_chart import Break, SpcResult
from indicators.analysis.known_shares import share_is_known
from indicators.analysis.signals import known_until, spc_of
from indicators.answers import answer
from indicators.catalogue.definition import Definition
from indicators.engine.choices import last_day
from indicators.engine.measures import definition_of, definitions_of
from indicators.engine.question import INCOMPLETE, NO_DATA, Answer, LoadUsed, Question, Where
from indicators.engine.unit_names import unit_names
from indicators.programme.annotations import Annotation, annotations_for
from indicators.programme.funding import funding_of_targets
from indicators.programme.targets import TargetResult, read_targets, target_results
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import headline, target_years
from indicators.results.values import Audience
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: How a report can be written.
FORMATS = ("pdf", "xlsx", "pptx")
#: How far back the series of a report go, and the values they are judged by.
SERIES_YEARS, FEWEST_VALUES = 2, 6
QUEUE, OVER_LIMIT, LONGEST, OWN_WISH = (
    *("queue_length", "queue_over_limit"),
    *("queue_longest_wait", "queue_own_wish"),
)
HIDDEN_DEBT, VISIBLE_DEBT, COVERAGE = "service_debt_hidden", "service_debt_visible", "access_data_coverage"
#: What the weekly sheet shows of units, the first with its series.
SHEET_SERIES, SHEET_FIGURES = "seven_day_access", ("wait_median", "wait_p90", "visits")
SHEET_WEEKS = 26


@dataclass(frozen=True)
class Asked:
    """What report is asked for: of which area, on which day, for whom, of which year's targets or which units."""

    area: str
    as_of: date
    audience: Audience
    year: int | None = None
    units: tuple[str, ...] = ()

    def question(self, indicator: str, *, where: Where = (), **how: object) -> Question:
        """A question about the area, or the units asked for."""
        units: Where = (("unit", self.units),) if self.units else ()
        return self.audience.of(Question(indicator, area=self.area, where=(*where, *units), **how))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Series:
    """One indicator over time with its signals; `target` is the newest target of the year asked for, None without one.

    `changes` are the dated changes at which the series starts anew; `targets` those that are drawn, each over its own period.
    Of less coverage than `least_coverage_pct` a share is not told.
    """

    definition: Definition
    answer: Answer
    signals: SpcResult
    target: Target | None
    changes: tuple[Annotation, ...] = ()
    targets: tuple[Target, ...] = ()
    least_coverage_pct: float = 0.0

    def tells(self, row: Mapping[str, Any]) -> bool:
        """Whether enough is recorded in a row of its answer to tell its value."""
        return not self.definition.is_share or share_is_known(row, self.least_coverage_pct)

    @property
    def tells_newest(self) -> bool:
        """Whether its newest judged value can be told."""
        last, rows = self.signals.last, self.answer.rows
        if last is None:
            return False
        newest = rows[rows["period"] == last.label].to_dict("records")
        return all(self.tells(row) for row in newest)

    @property
    def is_judged(self) -> bool:
        """Whether its newest value can be told, and whether it is ordinary variation."""
        last, signals = self.signals.last, self.signals
        if last is None or last.kind is None or signals.unjudged is not None or signals.limits is None:
            return False
        return self.tells_newest

    def target_on(self, day: date) -> float | None:
        """The level of the target whose period has a day; None where none has."""
        levels = [one.level_in(self.definition.unit) for one in self.targets if day in one.period]
        return next((level for level in reversed(levels) if level is not None), None)


@dataclass(frozen=True)
class Report:
    """Everything a report says. Tables of answers are one row per code of the newest period.

    - `units`: names of units by code and language. `known`: all definitions. `loads`: the loads behind it, newest first.
    - `low_coverage_pct`: below it coverage is low.
    - `least_coverage_pct`: of less coverage a share is not told.
    - `queues`: by indicator and service, on the newest snapshots, with the day they are of.
    - `hidden`, `visible`: the service debt by service.
    - `coverage`: of the access data, by unit, in the newest quarter.
    - `funding`: of the project whose targets they are, where it is declared.
    - `work`: what is to be done in the units of a weekly sheet.
    - `by_unit`: seven-day access of units in the newest period; of the weekly sheet also its other figures.
    """

    asked: Asked
    year: int
    results: tuple[TargetResult, ...]
    series: tuple[Series, ...]
    queues: Mapping[str, Answer]
    queue_series: Series | None
    hidden: Answer | None
    visible: Answer | None
    coverage: Answer | None
    by_unit: Mapping[str, Answer]
    units: Mapping[str, Mapping[str, str]]
    known: Mapping[str, Definition]
    low_coverage_pct: float
    least_coverage_pct: float
    loads: tuple[LoadUsed, ...]
    published_at: str
    funding: str | None = None
    work: Work = field(default_factory=Work)

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind it."""
        return any(load.demo for load in self.loads)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The indicators that it shows, each once."""
        shown = [one.definition for one in self.series]
        answers = [*self.queues.values(), self.hidden, self.visible, self.coverage, *self.by_unit.values()]
        shown += [one.definition for one in answers if one is not None and len(one.rows)]
        return tuple({one.id: one for one in shown}.values())


def board_report(snapshot: Snapshot, settings: Settings, asked: Asked) -> Report:
    """The report of an area for its board."""
    years = target_years(snapshot, asked.area)
    begun = [year for year in years if year <= asked.as_of.year]
    year = asked.year or (begun[-1] if begun else asked.as_of.year)
    results = tuple(
        target_results(
            snapshot,
            settings,
            as_of=asked.as_of,
            area=asked.area,
            year=year,
            suppress=not asked.audience.internal,
        )
    )
    newest = {result.target.indicator: result.target for result in results}
    named = dict.fromkeys((*headline(), *newest))
    series = _known(_series(snapshot, settings, asked, name, newest.get(name)) for name in named)
    counted = (QUEUE, OVER_LIMIT, LONGEST, OWN_WISH)
    queues = _by_code(snapshot, settings, asked, counted, by="month", splits=("service",))
    return _report(
        snapshot,
        settings,
        asked,
        year,
        results=results,
        series=series,
        queues=queues,
        queue_series=_series(snapshot, settings, asked, QUEUE, None),
        hidden=_newest(
            answer(snapshot, asked.question(HIDDEN_DEBT, by="year", splits=("service",)), settings)
        ),
        visible=_newest(
            answer(snapshot, asked.question(VISIBLE_DEBT, by="month", splits=("service",)), settings)
        ),
        coverage=_newest(
            answer(snapshot, asked.question(COVERAGE, by="quarter", splits=("unit",)), settings)
        ),
        by_unit=_by_code(
            snapshot, settings, asked, (SHEET_SERIES,), by="quarter", splits=("unit",), headline=True
        ),
    )


def weekly_sheet(snapshot: Snapshot, settings: Settings, asked: Asked) -> Report:
    """The weekly sheet of some units: their access to care by week, their waits and queues."""
    series = _series(snapshot, settings, asked, SHEET_SERIES, None, grain="week")
    by_unit = _by_code(
        snapshot,
        settings,
        asked,
        (SHEET_SERIES, *SHEET_FIGURES, COVERAGE),
        by="month",
        splits=("unit",),
        headline=True,
    )
    return _report(
        snapshot,
        settings,
        asked,
        asked.as_of.year,
        results=(),
        series=() if series is None else (series,),
        queues=_by_code(
            snapshot, settings, asked, (QUEUE, OVER_LIMIT, LONGEST), by="week", splits=("unit", "service")
        ),
        queue_series=_series(snapshot, settings, asked, QUEUE, None, grain="week"),
        hidden=None,
        visible=None,
        coverage=None,
        by_unit=by_unit,
        work=_work(snapshot, settings, asked),
    )


def _work(snapshot: Snapshot, settings: Settings, asked: Asked) -> Work:
    """What is to be done in the units: the same as the page of the care guarantee says of them with all their services."""
    known = KnownUntil(last_day(snapshot, "queue", asked.area), last_day(snapshot, "visits", asked.area))
    return work(
        lambda question: answer(snapshot, question, settings),
        asked.question(QUEUE),
        known,
        settings,
        lambda unit: breaks_of(changes_of(snapshot, SHEET_SERIES, replace(asked, units=(unit,)))),
    )


def _report(
    snapshot: Snapshot,
    settings: Settings,
    asked: Asked,
    year: int,
    *,
    results: tuple[TargetResult, ...],
    series: tuple[Series, ...],
    **parts: object,
) -> Report:
    """A report with the loads behind all of it."""
    answers: list[Answer] = [one.answer for one in series]
    for part in parts.values():
        if isinstance(part, Mapping):
            answers += part.values()
        elif isinstance(part, Answer):
            answers.append(part)
        elif isinstance(part, Series):
            answers.append(part.answer)
    behind = [*(one.loads for one in answers), *(one.loads for one in results)]
    loads = {load.load_id: load for used in behind for load in used}
    return Report(
        asked,
        year,
        results,
        series,
        units=unit_names(snapshot),
        known=definitions_of(snapshot),
        low_coverage_pct=settings.low_coverage_pct,
        least_coverage_pct=settings.monitoring_min_coverage_pct,
        loads=tuple(sorted(loads.values(), key=lambda load: (load.extract_date, load.load_id), reverse=True)),
        published_at=snapshot.meta("published_at") or "",
        funding=funding_of_targets(asked.area, (one.target.cited_source for one in results)),
        **parts,  # type: ignore[arg-type]
    )


# Many parameters because a series is of one indicator with its target and its grain.
def _series(
    snapshot: Snapshot,
    settings: Settings,
    asked: Asked,
    indicator: str,
    target: Target | None,
    *,
    grain: str = "month",
) -> Series | None:
    """An indicator of the newest two years by month, or the newest half year by week; None where too little is known."""
    definition = definition_of(snapshot, indicator)
    if not definition.row_level or definition.steps:
        return None
    day = last_day(snapshot, definition.measure.dataset, asked.area)
    if day is None:
        return None
    first = day - (
        relativedelta(years=SERIES_YEARS) if grain == "month" else timedelta(weeks=SHEET_WEEKS - 1)
    )
    question = asked.question(
        indicator, by=grain, where=definition.headline_where(), date_from=first, date_to=day
    )
    found = answer(snapshot, question, settings)
    if found.rows["value"].notna().sum() < FEWEST_VALUES:
        return None
    level = target.value if target is not None and target.unit == definition.unit else None
    targets = () if target is None else targets_drawn(snapshot, definition, asked.area)
    changes = changes_of(snapshot, indicator, asked)
    until = known_until(found, lambda other: answer(snapshot, other, settings))
    # Judged by all there is, as on the pages: the newest years alone would give other limits.
    whole = answer(snapshot, replace(question, date_from=None), settings)
    signals = spc_of(whole, level, breaks_of(changes), until=until)
    return Series(definition, found, signals, target, changes, targets, settings.monitoring_min_coverage_pct)


def targets_drawn(snapshot: Snapshot, definition: Definition, area: str) -> tuple[Target, ...]:
    """The targets of an indicator in an area whose level can be drawn, first to last."""
    mine = (one for one in read_targets(snapshot, area) if one.indicator == definition.id)
    return tuple(one for one in mine if one.level_in(definition.unit) is not None)


def changes_of(snapshot: Snapshot, indicator: str, asked: Asked) -> tuple[Annotation, ...]:
    """The dated changes at which the series of an indicator starts anew, first to last; with one unit also those of it alone."""
    unit = asked.units[0] if len(asked.units) == 1 else None
    noted = annotations_for(snapshot, indicator, asked.area, unit)
    return tuple(note for note in noted if note.starts_anew)


def breaks_of(changes: Iterable[Annotation]) -> list[Break]:
    """Dated changes as a series is judged by; their words are told by the report in its language."""
    return [Break(change.date, "") for change in changes]


def _known(found: Iterable[Series | None]) -> tuple[Series, ...]:
    return tuple(one for one in found if one is not None)


def _by_code(
    snapshot: Snapshot,
    settings: Settings,
    asked: Asked,
    indicators: Sequence[str],
    *,
    headline: bool = False,
    **how: object,
) -> dict[str, Answer]:
    """The newest rows of some indicators, split; with `headline` narrowed as on the pages."""
    known = definitions_of(snapshot)
    found = {}
    for name in indicators:
        where = known[name].headline_where() if headline else ()
        newest = _newest(answer(snapshot, asked.question(name, where=where, **how), settings))
        if newest is not None:
            found[name] = newest
    return found


def _newest(found: Answer) -> Answer | None:
    """The rows of the newest complete period, else of the newest one; None where nothing is known."""
    rows = found.rows[found.rows["status"] != NO_DATA]
    if rows.empty:
        return None
    whole = rows[(rows["status"] != INCOMPLETE) & rows["complete"].eq(True)]
    newest = (whole if len(whole) else rows)["period_start"].max()
    return replace(found, rows=rows[rows["period_start"] == newest].reset_index(drop=True))


def codes_of(answers: Iterable[Answer], splits: Sequence[str]) -> list[tuple[str, ...]]:
    """The codes of some answers, each once, in alphabetical order."""
    return sorted(
        {
            tuple(codes)
            for found in answers
            for codes in found.rows[list(splits)].itertuples(index=False, name=None)
        }
    )


def row_of(found: Answer | None, splits: Sequence[str], codes: Sequence[str]) -> Mapping[str, object] | None:
    """The row of an answer with these codes; None where there is none."""
    if found is None:
        return None
    same = pd.Series(True, index=found.rows.index)
    for name, code in zip(splits, codes, strict=True):
        same &= found.rows[name] == code
    rows = found.rows[same]
    return None if rows.empty else {str(name): value for name, value in rows.iloc[0].items()}
