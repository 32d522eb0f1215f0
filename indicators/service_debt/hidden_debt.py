"""The hidden service debt as two indicators: what the services of an area owe at the end of a period, plain and against demand.

For a service it is Σ (expected − realised) visits since the disturbance, by `debt`: months where its visits are
counted from rows and the baseline year is among them, else whole years of its published counts. It is never below zero: what
is done beyond the expected without an earlier debt is growth. The debt of several services is the sum of theirs. Against demand
(`demand`) a service whose demand is not known makes the sum incomplete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from indicators.catalogue.definition import ADJUSTED_DEBT
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.labels import ALL_AREAS, COUNTRY, UNKNOWN
from indicators.catalogue.periods import Period, periods_between
from indicators.engine.combined_rows import INTERNAL_COLUMNS, combine_rows, frame_of_figures
from indicators.engine.evaluate import answer_from_data
from indicators.engine.loads_used import loads_behind
from indicators.engine.question import INCOMPLETE, OK, Answer, Question
from indicators.engine.scope import area_of, narrowed_where
from indicators.kinds import figures as published
from indicators.service_debt.debt import (
    VISITS,
    DebtPeriod,
    DebtSeries,
    HiddenDebt,
    debt_areas,
    debt_series,
    hidden_debt,
)
from indicators.service_debt.demand import demand_series, demands
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

GRAINS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Account:
    """The hidden debt of one series of an area's service; `demo` is whether synthetic rows are behind it."""

    place: Mapping[str, str]
    grain: str
    periods: tuple[DebtPeriod, ...]
    load_ids: tuple[str, ...]
    demo: bool

    def at(self, period: Period) -> tuple[DebtPeriod | None, bool]:
        """The newest comparison that ends in a period, and whether nothing is missing up to the period's end."""
        ended = [one for one in self.periods if one.period.end <= period.end]
        known = [one for one in ended if one.shortfall is not None]
        if not known or known[-1].period.end < period.start:
            return None, False
        return known[-1], len(known) == len(ended) and known[-1].period.end == period.end


def accounts(
    snapshot: Snapshot, area: str, settings: Settings, *, suppress: bool, adjusted: bool = False
) -> tuple[Account, ...]:
    """The accounts of an area's services: by months from rows where those can be compared, else by published years.

    A month whose number of visits is suppressed cannot be compared. `adjusted` are those against demand: no period of a
    service can be compared whose demand is not known.
    """
    found: dict[tuple[str, bool, bool], list[Account]] = {}
    every = debt_series(snapshot, area)
    for series in every:
        if series.kind != VISITS:
            continue
        grain = "month" if series.row_level else "year"

        def ask(of: DebtSeries, by: str = grain) -> Answer:
            return answer_from_data(snapshot, replace(of.question(area, by), suppress=suppress), settings)

        counted = ask(series)
        debt, loads = hidden_debt(counted), list(counted.loads)
        if not debt.compared:
            continue
        if adjusted:
            asked = {one: ask(one) for one in demand_series(every, series)}
            known = demands(counted, list(asked.items()))
            loads += asked[known[0].series].loads if known else ()
            debt = known[0].adjusted if known else _unknown(debt)
        place = {"area": area, "service": series.service or UNKNOWN}
        found.setdefault((place["service"], series.row_level, counted.demo), []).append(
            Account(
                place, grain, debt.periods, tuple(dict.fromkeys(load.load_id for load in loads)), counted.demo
            )
        )
    # One account counts for a service: real before synthetic, months of rows before years.
    best = {
        service: min((demo, not rows) for other, rows, demo in found if other == service)
        for service, *_ in found
    }
    return tuple(
        account
        for (service, rows, demo), listed in found.items()
        if (demo, not rows) == best[service]
        for account in listed
    )


def _unknown(debt: HiddenDebt) -> HiddenDebt:
    """The periods of a debt, none of which can be compared."""
    periods = tuple(
        DebtPeriod(one.period, None, one.realised, None, 0.0, factor=None) for one in debt.periods
    )
    return replace(debt, periods=periods)


def hidden_answer(snapshot: Snapshot, question: Question, settings: Settings) -> Answer:
    """The answer to a question about the hidden debt, plain or adjusted: what is owed at the end of each period.

    Where any real figures can be compared, synthetic rows are left out. By year where only years are known, else by
    month. Figures entered for the indicator itself are used where nothing can be compared. Raises BadQuestion, also for weeks.
    """
    definition = question.checked()
    if question.by == "week":
        raise BadQuestion("series_grain", by="week", known=", ".join(GRAINS))
    area = area_of(question, settings)
    where = dict(narrowed_where(question.where, area))
    areas = debt_areas(snapshot) if area == ALL_AREAS else (area,)
    figures = published.read_figures(
        snapshot, definition.id, None if area == ALL_AREAS else area, tuple(where.items())
    )
    if area == ALL_AREAS and "area" not in {*question.splits, *where}:
        # The whole country with its areas would be counted twice.
        areas = tuple(one for one in areas if one != COUNTRY)
        figures = [figure for figure in figures if figure.area != COUNTRY]
    adjusted = definition.measure.statistic == ADJUSTED_DEBT
    known = [
        account
        for one in areas
        for account in accounts(snapshot, one, settings, suppress=question.suppress, adjusted=adjusted)
    ]
    used = [
        account
        for account in known
        if account.demo == all(one.demo for one in known)
        and all(account.place[name] in values for name, values in where.items())
    ]
    grain, periods = _periods(question, used, figures)
    frames = [_frame(used, periods, question.splits)] if used else []
    if figures and periods:
        shown = published.compute(definition, figures, periods, question.splits)
        frames.append(frame_of_figures(shown))
    rows = combine_rows(frames, question.splits, periods)
    rows.insert(0, "indicator", definition.id)
    loads = loads_behind(snapshot, definition, rows, area)
    rows = rows.drop(columns=list(INTERNAL_COLUMNS)).reset_index(drop=True)
    return Answer(question, definition, grain, area, rows, loads, {})


def _periods(
    question: Question, used: list[Account], figures: list[published.Figure]
) -> tuple[str | None, list[Period]]:
    """The grain asked for, or the finest of what is known, and the periods from the first comparison to the last."""
    if question.periods:
        return None, sorted(question.periods)
    monthly = any(account.grain == "month" for account in used)
    grain = question.by or ("month" if monthly else "year")
    ends = [one.period.end for account in used for one in account.periods if one.shortfall is not None]
    ends += [figure.end for figure in figures]
    first = question.date_from or min(ends, default=None)
    last = question.date_to or max(ends, default=None)
    if first is None or last is None or first > last:
        return grain, []
    return grain, periods_between(first, last, grain)


def _frame(used: list[Account], periods: list[Period], splits: tuple[str, ...]) -> pd.DataFrame:
    """One row per period and combination of splits of which a debt is known, be it none."""
    groups: dict[tuple[str, ...], dict[tuple[str, str], list[Account]]] = {}
    for account in used:
        place = account.place
        mine = groups.setdefault(tuple(place[split] for split in splits), {})
        mine.setdefault((place["area"], place["service"]), []).append(account)
    rows = []
    for key, services in sorted(groups.items()):
        for period in periods:
            begun = [
                [one.at(period) for one in listed]
                for listed in services.values()
                if any(one.periods[0].period.start <= period.end for one in listed)
            ]
            compared = [[known for known, _ in listed if known is not None] for listed in begun]
            debts = [sum(known.balance for known in listed) for listed in compared if listed]
            if not debts:
                continue
            whole = all(complete for listed in begun for _, complete in listed)
            rows.append(
                {
                    "period": period.label,
                    **dict(zip(splits, key, strict=True)),
                    "value": sum(debts),
                    "status": OK if whole else INCOMPLETE,
                    "as_of": max(known.period.end for listed in compared for known in listed),
                    "published": True,
                    "load_ids": tuple(
                        dict.fromkeys(
                            name for listed in services.values() for one in listed for name in one.load_ids
                        )
                    ),
                }
            )
    return pd.DataFrame(rows)
