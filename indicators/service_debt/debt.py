"""Service debt: care that did not happen (the hidden debt) and people waiting beyond the law (visible).

Hidden debt is a comparison, not a count: what a service did in a baseline year is expected of every later one. It does
not know whether the need was the same; scaling by a population, or by what demand did (`demand`), makes it
fairer where these are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from indicators.catalogue.definition import load_definitions
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.labels import ALL_AREAS
from indicators.catalogue.periods import Period
from indicators.engine.coverage import data_coverage
from indicators.engine.evaluate import answer_from_data
from indicators.engine.overviews import days_of
from indicators.engine.question import OK, Answer, Question, periods_of
from indicators.engine.queue_members import counted_column
from indicators.kinds import queue
from indicators.kinds.request import CountRequest
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: The year before the disturbance, and the month it began in.
BASELINE_YEAR, DISTURBANCE = 2019, date(2020, 3, 1)
GRAINS = ("month", "year")
#: The indicators of the debt: what did not happen, the same against demand, and who waits beyond the law.
HIDDEN_DEBT, ADJUSTED_DEBT, VISIBLE_DEBT = (
    "service_debt_hidden",
    "service_debt_hidden_adjusted",
    "service_debt_visible",
)
#: What a series counts: care given, the people it was given to, or what came in.
VISITS, PEOPLE, INCOMING = "visits", "people", "incoming"
#: Indicators computed from rows, whose services are a series each, and the data they are counted from.
_ROW_LEVEL = {
    "visits": (VISITS, "visits"),
    "patients": (PEOPLE, "visits"),
    "referrals": (INCOMING, "referrals"),
}
#: How the ids of published counts end.
_ENDINGS = {
    "_visits": VISITS,
    "_patients": PEOPLE,
    "_clients": PEOPLE,
    "_referrals": INCOMING,
    "_notifications": INCOMING,
}


@dataclass(frozen=True)
class DebtSeries:
    """One series whose hidden debt can be asked for: an indicator of one service of an area.

    `service` is None where a published count names none. `kind` is VISITS, PEOPLE or INCOMING.
    """

    indicator: str
    service: str | None
    kind: str

    @property
    def key(self) -> str:
        """Its name in an address."""
        return f"{self.indicator}.{self.service}" if self.row_level else self.indicator

    @property
    def row_level(self) -> bool:
        """Whether it is counted from rows, narrowed to its service."""
        return self.indicator in _ROW_LEVEL

    @property
    def family(self) -> str:
        """What its published counts have in common: the id without what is counted. All that is counted from rows is one."""
        ending = next((ending for ending in _ENDINGS if self.indicator.endswith(ending)), "")
        return "" if self.row_level else self.indicator.removesuffix(ending)

    def question(self, area: str, grain: str) -> Question:
        """The question to its indicator."""
        where = (("service", (self.service,)),) if self.row_level and self.service else ()
        return Question(self.indicator, by=grain, area=area, where=where)

    def population(self, area: str) -> Question | None:
        """The question to the residents of its service's own age group; None where it names no service."""
        return (
            Question("population", by="year", area=area, where=(("service", (self.service,)),))
            if self.service
            else None
        )


def debt_series(snapshot: Snapshot, area: str) -> tuple[DebtSeries, ...]:
    """The series of an area that have a figure: published counts first, then those counted from rows, by service.

    A published count is one series, however its figures name services: of the one they name, of none where it is several.
    """
    found = []
    for indicator, service in snapshot.rows(
        """SELECT indicator, CASE WHEN count(DISTINCT service) = 1 THEN max(service) END
           FROM figures WHERE area = ? GROUP BY indicator ORDER BY indicator""",
        [area],
    ):
        meant = load_definitions().get(indicator)
        kind = next((kind for ending, kind in _ENDINGS.items() if indicator.endswith(ending)), None)
        if kind and meant is not None and meant.id not in _ROW_LEVEL and meant.unit == "count":
            found.append(DebtSeries(indicator, service, kind))
    for indicator, (kind, dataset) in _ROW_LEVEL.items():
        services = snapshot.rows(
            f"""SELECT DISTINCT service::VARCHAR AS service FROM {days_of(snapshot, dataset, "service used area")}
                WHERE used AND area = ? ORDER BY service""",
            [area],
        )
        found += [DebtSeries(indicator, service, kind) for (service,) in services if service]
    return tuple(found)


def debt_areas(snapshot: Snapshot) -> tuple[str, ...]:
    """The areas that have counts to compare or a queue, in the order of their codes."""
    endings = f"({'|'.join(_ENDINGS)})$"
    rows = snapshot.rows(
        f"""SELECT DISTINCT area FROM figures WHERE regexp_matches(indicator, ?)
           UNION SELECT DISTINCT area::VARCHAR FROM {days_of(snapshot, "visits", "area used")} WHERE used
           UNION SELECT DISTINCT area::VARCHAR FROM {days_of(snapshot, "queue", "area used")} WHERE used
           UNION SELECT area FROM queue_counts ORDER BY area""",
        [endings],
    )
    return tuple(area for (area,) in rows if area)


def baseline_years(snapshot: Snapshot, area: str) -> tuple[int, ...]:
    """Years that can be a baseline: 2019, and every other that some series of the area has a figure or row of."""
    rows = snapshot.rows(
        f"""SELECT DISTINCT year(period_start) AS y FROM figures WHERE area = ? AND period_end > period_start
           UNION SELECT DISTINCT year(day) FROM {days_of(snapshot, "visits", "area day counts")} WHERE counts AND area = ?
           UNION SELECT DISTINCT year(day) FROM {days_of(snapshot, "referrals", "area day used")} WHERE used AND area = ?""",
        [area, area, area],
    )
    return tuple(sorted({BASELINE_YEAR, *(year for (year,) in rows if year)}))


def counts_from(baseline_year: int) -> date:
    """The first day that is compared with a baseline: of 2019 the disturbance, of a later year the year after it.

    >>> counts_from(2019), counts_from(2024)
    (datetime.date(2020, 3, 1), datetime.date(2025, 1, 1))
    """
    return max(DISTURBANCE, date(baseline_year + 1, 1, 1))


@dataclass(frozen=True)
class DebtPeriod:
    """One month or year since the disturbance, in the unit of the series (visits, referrals, persons).

    `expected` is None where the baseline, the population or the demand is not known, `realised` where the period has no
    value that may be judged; then `shortfall` is None and the balance stays. `shortfall` is expected − realised, negative above
    what was expected; `balance` is the debt at the end of the period, never below zero: what exceeds the expected repays
    earlier debt, by `repaid`; the rest is growth, not repayment. `factor` is what the baseline
    was multiplied by, 1 where it is not scaled.
    """

    period: Period
    expected: float | None
    realised: float | None
    shortfall: float | None
    balance: float
    repaid: float = 0.0
    factor: float | None = 1.0

    @property
    def above(self) -> float:
        """What was done beyond the expected after every earlier debt was gone."""
        return 0.0 if self.shortfall is None else max(-self.shortfall - self.repaid, 0.0)


@dataclass(frozen=True)
class HiddenDebt:
    """The hidden debt of a service over the periods since the disturbance.

    `scaled` is whether a population or demand scaled what was expected; `unknown` counts the periods without a comparison,
    which are in no sum.
    """

    periods: tuple[DebtPeriod, ...]
    baseline_year: int
    scaled: bool

    @property
    def balance(self) -> float:
        """The debt at the end of the last period; never below zero."""
        return self.periods[-1].balance if self.periods else 0.0

    @property
    def total_shortfall(self) -> float:
        """What the periods below the expected lacked, whatever later ones repaid."""
        return sum(max(one.shortfall, 0.0) for one in self.periods if one.shortfall is not None)

    @property
    def repaid(self) -> float:
        """What later periods repaid of earlier debt."""
        return sum(one.repaid for one in self.periods)

    @property
    def above(self) -> float:
        """What was done beyond the expected without an earlier debt: growth."""
        return sum(one.above for one in self.periods)

    @property
    def unknown(self) -> int:
        """How many periods could not be compared."""
        return sum(one.shortfall is None for one in self.periods)

    @property
    def compared(self) -> tuple[DebtPeriod, ...]:
        """The periods that could be compared: those the sums are of."""
        return tuple(one for one in self.periods if one.shortfall is not None)

    @property
    def worst(self) -> tuple[DebtPeriod, ...]:
        """The periods that fell short, the most first."""
        below = [one for one in self.periods if one.shortfall is not None and one.shortfall > 0]
        return tuple(sorted(below, key=lambda one: (-(one.shortfall or 0), one.period.start)))


def hidden_debt(
    found: Answer,
    *,
    baseline_year: int = BASELINE_YEAR,
    start: date = DISTURBANCE,
    population: Answer | None = None,
) -> HiddenDebt:
    """The hidden debt of an unsplit answer by month or year.

    Of a month the same month of the baseline year is expected, of a year the whole baseline year; months count from
    `start`, years from its year on, as whole years. A period above the expected repays only an earlier
    debt. With a `population` (an unsplit answer by year, of the service's own age group) what is expected grows and
    shrinks with it since the baseline year; without one nothing is scaled. Only rows with the status ok count. Raises
    BadQuestion for a split answer or another grain.
    """
    if population is None:
        return _ledger(found, None, baseline_year, start)
    _checked(population, ("year",))
    residents = {day.year: value for day, value in judged_values(population).items()}
    return _ledger(
        found, lambda day: ratio(residents.get(day.year), residents.get(baseline_year)), baseline_year, start
    )


def demand_adjusted_debt(
    found: Answer, demand: Answer, *, baseline_year: int = BASELINE_YEAR, start: date = DISTURBANCE
) -> HiddenDebt:
    """The hidden debt of an unsplit answer against the demand of the same periods: an unsplit answer of the same grain.

    What is expected is the baseline × (demand in the period / demand in the same period of the baseline year). A period
    whose demand, then or now, is not known, not complete or suppressed cannot be compared. Raises BadQuestion.
    """
    _checked(demand, (str(found.grain),))
    known = judged_values(demand)
    return _ledger(
        found,
        lambda day: ratio(known.get(day), known.get(day.replace(year=baseline_year))),
        baseline_year,
        start,
    )


def _ledger(
    found: Answer, factor_of: Callable[[date], Fraction | None] | None, baseline_year: int, start: date
) -> HiddenDebt:
    """The debt period by period; `factor_of` is what the baseline is multiplied by, None where not known."""
    _checked(found, GRAINS)
    realised = judged_values(found)
    periods, balance = [], 0.0
    for period in periods_of(found.rows):
        begins = period.start >= start or (found.grain == "year" and period.start.year >= start.year)
        if not begins or period.start.year == baseline_year:
            continue
        expected = realised.get(period.start.replace(year=baseline_year))
        factor = Fraction(1) if factor_of is None else factor_of(period.start)
        if expected is not None and factor_of is not None:
            expected = None if factor is None else float(Fraction(expected) * factor)
        value = realised.get(period.start)
        shortfall = None if expected is None or value is None else expected - value
        repaid = min(max(-(shortfall or 0.0), 0.0), balance)
        balance = max(balance + (shortfall or 0.0), 0.0)
        periods.append(
            DebtPeriod(
                period, expected, value, shortfall, balance, repaid, None if factor is None else float(factor)
            )
        )
    return HiddenDebt(tuple(periods), baseline_year, factor_of is not None)


def _checked(found: Answer, grains: Sequence[str]) -> None:
    """Raises BadQuestion for a split answer, or one of another grain."""
    if found.question.splits:
        raise BadQuestion("series_is_split", indicator=found.definition.id)
    if found.grain not in grains:
        raise BadQuestion("series_grain", by=found.grain, known=", ".join(grains))


def judged_values(found: Answer) -> dict[date, float]:
    """The values that may be judged, by the first day of their period."""
    columns = (found.rows[name].tolist() for name in ("period_start", "status", "value"))
    return {
        start: float(value)
        for start, status, value in zip(*columns, strict=True)
        if status == OK and not pd.isna(value)
    }


def ratio(now: float | None, then: float | None) -> Fraction | None:
    """now / then, exactly; None where either is not known or there was none then.

    >>> ratio(3, 2), ratio(None, 2), ratio(3, 0)
    (Fraction(3, 2), None, None)
    """
    return None if now is None or not then else Fraction(now) / Fraction(then)


@dataclass(frozen=True)
class VisibleDebt:
    """Entries waiting beyond their limit on the snapshots of an answer's periods, and for how long.

    `answer` is that of `service_debt_visible`. `rows` are its rows with `days_beyond`: person-days beyond the limit
    (snapshot date − last day allowed, summed). They are NaN where the number of entries is suppressed or not known, and
    where counts without rows, which have no days, replace some of the queues.
    """

    answer: Answer
    rows: pd.DataFrame


def visible_debt(snapshot: Snapshot, question: Question, settings: Settings) -> VisibleDebt:
    """The visible debt of a question about `service_debt_visible`, with its periods, splits, filters and suppression.

    Days beyond the limit are suppressed wherever the number of entries is; of a perturbed number they are as many for each
    entry as of the true one. Raises BadQuestion, also for another indicator.
    """
    definition = question.checked()
    if definition.id != VISIBLE_DEBT:
        raise BadQuestion("unknown_indicator_near", indicator=definition.id, nearest=VISIBLE_DEBT)
    found = answer_from_data(snapshot, question, settings)
    rows = found.rows
    if rows.empty:
        return VisibleDebt(found, rows.assign(days_beyond=np.nan))
    where = question.where if found.area == ALL_AREAS else (*question.where, ("area", (found.area,)))
    periods = sorted(set(periods_of(rows)))
    request = CountRequest(
        snapshot, definition.measure, periods, None, question.splits, where, settings.eves_are_weekdays
    )
    days = queue.days_beyond(request, data_coverage(snapshot, "queue"))
    keys = ["period_start", *question.splits]
    beyond = {
        tuple(row[:-2]): (row[-2], row[-1]) for row in days[[*keys, "entries", "days"]].to_numpy(object)
    }
    replaced: set[tuple[object, ...]] = set()
    if (column := counted_column(definition, question)) is not None:
        counts = queue.counts(request, data_coverage(snapshot, "queue"), column)
        places = counts[["period", *question.splits]].to_numpy(object)
        replaced = {(periods[at].start, *key) for at, *key in places}
    days_beyond = []
    for *key, value, cited in rows[[*keys, "value", "cited_source"]].to_numpy(object):
        entries, summed = beyond.get(tuple(key), (0, 0))
        known = tuple(key) not in replaced and cited is None and not pd.isna(value)
        days_beyond.append(
            float(round(summed * value / entries)) if known and entries else 0.0 if known else np.nan
        )
    return VisibleDebt(found, rows.assign(days_beyond=days_beyond))
