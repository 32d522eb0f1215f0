"""Hiding small numbers: counts of persons and their events.

Counts 1–4 are hidden and zero is shown. A share with at least 20 in the denominator and 1–4 on one side is shown as the
interval that follows; with fewer it is hidden. A coverage that leaves out 1–4 is an interval likewise. A median and a mean need
5, a 90th percentile 10, the longest wait a queue of 5. Answers that are shown beside each other are hidden together: no hidden
count may follow from its neighbours, from totals or from longer periods, else one more is hidden (`disclosure`).
The totals over all groups of a split count as told, whether they are beside it or not.
All thresholds are settings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.periods import Period
from indicators.engine.coverage import PeriodCompleteness
from indicators.engine.question import SUPPRESSED, Where
from indicators.privacy.disclosure import UNBOUNDED, Counts
from pipelines.settings import Settings

COUNTS = ("count", "count_met", "distinct_persons", "late_persons", "open")
#: Statistics whose counts do not sum over groups: a person counts once in each.
_NO_SUMS = ("distinct_persons", "late_persons", "person_share", "longest", "units_covered")
#: The split by days waited: each of its bands is a part of what met a share's limit, or of what did not.
WAIT_BAND = "wait_band"
#: A denominator and the parts of it.
_WHOLE = ("n", "met", "possible", "other")
SIDE_COUNTS = ("left_out", "uncertain_age")
#: What a reader knows of the count behind a suppressed row: the least and the most it can be.
KNOWN_BOUNDS = ("known_low", "known_high")

#: The numbers of a row that may be hidden or told as an interval.
_NUMBERS = (
    *("value", "numerator", "denominator", "coverage", "low", "high", "coverage_low", "coverage_high"),
    *("possible_low", "possible_high", *SIDE_COUNTS),
)

Groups = frozenset[tuple[str, frozenset[str]]]
_DAY = timedelta(days=1)
Days = tuple[date, date]
#: First and last day, and the groups.
Span = tuple[date, date, Groups]
#: What a count is of, the rows and conditions, and its span.
Key = tuple[Hashable, date, date, Groups]
#: The counts that stand in a sum, by their kind and what they are of.
Line = dict[tuple[str, Hashable], list[int]]


@dataclass
class CountedAnswer:
    """One answer before suppression: its rows, what was asked, the periods it is reported by.

    - `where`: the filters, the area among them.
    - `eligible_count`: its values are the rows that other answers judge.
    - `protected_last`: it is suppressed only where it is small itself.
    - `cells`: per row its counts by kind: `value`; of shares `met`, `other` and, where a definition has such, `possible`;
      `n`, the denominator; `missing`, what coverage leaves out; the side counts.
    - `keys`: what each count is of; `totals`: the same of sums over its groups that another answer reports by other
      periods.
    - `own_periods`: published figures next to the rows, which are never suppressed.

    The column `n_rows` of `rows` is the number of entries behind a row.
    """

    rows: pd.DataFrame
    definition: Definition
    splits: tuple[str, ...]
    where: Where
    periods: tuple[Period, ...]
    grain: str | None
    eligible_count: bool = False
    protected_last: bool = False
    area: str = ""
    missing: dict[str, PeriodCompleteness] = field(default_factory=dict)
    own_periods: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: list[dict[str, int]] = field(default_factory=list)
    keys: dict[int, Key] = field(default_factory=dict)
    totals: dict[int, Key] = field(default_factory=dict)

    @property
    def statistic(self) -> str:
        """The statistic of the definition."""
        return self.definition.measure.statistic

    @property
    def sums(self) -> bool:
        """Whether its counts sum over groups."""
        return self.statistic not in _NO_SUMS

    @property
    def sums_in_time(self) -> bool:
        """Whether its counts sum over time, which those of a day do not."""
        return self.sums and self.statistic != "open" and self.definition.measure.dataset != "queue"


def suppress(told: Sequence[CountedAnswer], settings: Settings) -> list[pd.DataFrame]:
    """The rows of answers that are shown beside each other with small numbers hidden, in the same order.

    A hidden row has the status `suppressed`, no value and no numerator; `known_low` and `known_high` say what a reader knows
    of the count behind it; `low` and `high` where a share's interval
    may be told, which of one hidden for another's sake says no more than the rest does. A denominator of 1–4 is hidden with
    its coverage. A coverage that leaves out 1–4 is hidden, with `coverage_low` and `coverage_high` where the denominator is
    told. So are side counts of 1–4. Rows of published figures (`published`) are exempt, and so is what published counts add
    to a queue (`published_part`): everybody knows it, so the rest alone is hidden or told.
    """
    persons = [one for one in told if one.definition.counts_persons and len(one.rows)]
    counts = Counts()
    for one in persons:
        one.cells = [_enter(counts, one, *row, settings) for row in _rows(one)]
    if counts.any_suppressed:
        for one in persons:
            _sum_in_rows(counts, one)
            _sum_over_groups(counts, one, settings.hide_below)
        _sum_chosen(counts, persons)
        _sum_into_series(counts, persons)
        _sum_over_time(counts, persons)
        counts.protect()
    low, high = counts.bounds()
    shown = {id(one): _shown(counts, low, high, one, settings) for one in persons}
    return [shown.get(id(one), one.rows) for one in told]


def has_small(told: CountedAnswer, settings: Settings) -> bool:
    """Whether an answer has a small number, which is hidden whatever stands beside it."""
    counts = Counts()
    if told.definition.counts_persons and len(told.rows):
        for row in _rows(told):
            _enter(counts, told, *row, settings)
    return counts.any_suppressed


def _rows(one: CountedAnswer) -> Iterator[tuple[dict[str, float], Span | None]]:
    """Each row's numbers and the span of its counts; None for a published figure."""
    given = dict(one.where)
    columns = (
        *("value", "numerator", "denominator", "coverage", "n_rows", "low", "high", "published_part"),
        *SIDE_COUNTS,
    )
    numbers = one.rows[list(columns)].to_numpy(float)
    days = one.rows[["period_start", "period_end", "published", *one.splits]].itertuples(index=False)
    for row, (start, end, published, *values) in zip(numbers, days, strict=True):
        groups = {name: frozenset(chosen) for name, chosen in given.items()}
        groups |= {name: frozenset((value,)) for name, value in zip(one.splits, values, strict=True)}
        told = dict(zip(columns, row, strict=True))
        part = told.pop("published_part")
        if part > 0:
            published = part == told["value"] and not told["n_rows"] > 0
            told["value"] -= part
        span = None if published else (start, end, frozenset(groups.items()))
        yield told, span


def _enter(
    counts: Counts, one: CountedAnswer, row: dict[str, float], span: Span | None, settings: Settings
) -> dict[str, int]:
    """A row's counts by kind; those that are small are hidden from the start."""
    found: dict[str, int] = {}
    if span is None:
        return found
    names, small = _names(one.definition), settings.hide_below

    def add(kind: str, truth: float, size: float | None = None, of: Hashable = None) -> int:
        key = (of or names[kind], *span)
        found[kind] = cell = counts.add(key, truth, size)
        if one.protected_last:
            counts.keep(cell)
        one.keys[cell] = key
        return cell

    def add_small(kind: str, truth: float, size: float | None = None, of: Hashable = None) -> None:
        cell = add(kind, truth, size, of)
        if 0 < truth < small:
            counts.suppress_small(cell, 1, small - 1)

    n, met = row["denominator"], row["numerator"]
    if one.statistic in COUNTS:
        if not np.isnan(row["value"]):
            # Rows concerned, told beside what is known of them, are hidden before it.
            add_small("value", row["value"], row["value"] * (1e-6 if one.eligible_count else 1))
    elif one.statistic != "longest" and not np.isnan(n):
        if WAIT_BAND in one.splits and one.statistic in SHARES and met in (0, n):
            add_small("n", n, of=names["met" if met else "other"])
        else:
            add_small("n", n)
            if one.definition.measure.possible_modes:
                sure, possible = (met, 0.0) if np.isnan(row["low"]) else _range_counts(row)
                rest = n - sure - possible
                parts = {"met": sure, "possible": possible, "other": rest}
                _enter_range(counts, {add(kind, truth, n): truth for kind, truth in parts.items()}, n, small)
            elif one.statistic in SHARES:
                _enter_share(counts, add("met", met, n), add("other", n - met, n), met, n, small)
    if row["n_rows"] > 0 and not np.isnan(row["coverage"]) and one.statistic != "distinct_persons":
        left_out = float(round(row["n_rows"] * (100 - row["coverage"]) / 100))
        cell = add("missing", left_out)
        if 0 < left_out < small:
            # Of few visits no interval of the coverage is told either: it could be anything.
            told = n >= settings.share_min_n
            counts.suppress_small(cell, 1 if told else 0, small - 1 if told else UNBOUNDED)
    if "n" in found:
        parts = ("met", "possible", "other", "missing")
        counts.suppress_with(found["n"], [found[kind] for kind in parts if kind in found])
    for kind in SIDE_COUNTS:
        if not np.isnan(row[kind]):
            add_small(kind, row[kind])
    return found


def _enter_share(counts: Counts, met_cell: int, other_cell: int, met: float, n: float, small: int) -> None:
    """Hide what met and what did not where either is small, with what is then known of them: which side is small."""
    counts.suppress_with(met_cell, [other_cell])
    counts.suppress_with(other_cell, [met_cell])
    if not (0 < met < small or 0 < n - met < small):
        return
    if n < small:
        low, high = 0.0, n
    elif n < 2 * small:
        low, high = 1.0, n - 1
    elif met < small:
        low, high = 1.0, small - 1.0
    else:
        low, high = n - small + 1.0, n - 1
    counts.suppress_small(met_cell, low, high)
    counts.suppress_small(other_cell, n - high, n - low)


def _range_counts(row: Mapping[str, float]) -> tuple[float, float]:
    """How many surely met a condition and of how many it is not known, from the ends of a row's range."""
    sure, most = (float(round(row[end] * row["denominator"] / 100)) for end in ("low", "high"))
    return sure, most - sure


def _enter_range(counts: Counts, cells: Mapping[int, float], n: float, small: int) -> None:
    """Hide the three counts that a range is made of where any is small; which of them it is is not told."""
    sure, possible, rest = cells
    if cells[possible] == 0:
        # Nothing is open: a share like any other, of two sides.
        counts.suppress_with(possible, [sure, rest])
        _enter_share(counts, sure, rest, cells[sure], n, small)
        return
    for cell in cells:
        counts.suppress_with(cell, [other for other in cells if other != cell])
    if any(0 < truth < small for truth in cells.values()):
        for cell in cells:
            counts.suppress_small(cell, 0, n)


def _names(definition: Definition) -> dict[str, Hashable]:
    """What the counts of a definition are of, by kind: equal names are of the same rows, whatever indicator tells them."""
    measure = definition.measure
    base = (measure.dataset, frozenset(measure.rows), measure.deadlines, measure.period, measure.groups)
    known = measure.known or ("all" if measure.dataset in ("visits", "queue") else "entered")
    met = measure.met or " ".join(measure.met_modes) or "kept"
    seen = frozenset({known} - {"all"})
    names = {
        "n": seen,
        "met": seen | {met},
        "other": seen | {f"not {met}", *measure.possible_modes},
        "possible": seen | {"possible", *measure.possible_modes},
        "missing": frozenset({f"not {known}"}),
        "left_out": frozenset({"no person"}),
        "uncertain_age": seen | {"uncertain age"},
        "value": frozenset(),
    }
    if measure.statistic == "count_met":
        names["value"] = names["met"]
    elif measure.statistic in ("distinct_persons", "person_share", "late_persons", "open", "mean"):
        # Counts of people, of a day, or of what has happened: of something else than rows.
        names = {kind: conditions | {measure.statistic} for kind, conditions in names.items()}
    return {kind: (base, conditions) for kind, conditions in names.items()}


def _sum_in_rows(counts: Counts, one: CountedAnswer) -> None:
    """Met and not met are the denominator; with those coverage leaves out it is all rows, where these are told."""
    rows_name = (_names(one.definition)["n"][0], frozenset())
    for found in one.cells:
        if "met" in found:
            parts = [found[kind] for kind in ("met", "possible", "other") if kind in found]
            counts.sums_to(parts, found["n"], parts=True)
        if "n" in found and "missing" in found and one.statistic != "mean":
            every = counts.find((rows_name, *one.keys[found["n"]][1:]))
            if every is not None and every != found["n"]:
                counts.sums_to([found["n"], found["missing"]], every)


def _sum_over_groups(counts: Counts, one: CountedAnswer, small: int) -> None:
    """The groups of each split sum to what they are the groups of."""
    if not one.sums:
        return
    given = {name: frozenset(values) for name, values in one.where}
    for split in one.splits:
        above = {split: given[split]} if split in given else {}
        lines: dict[Span, Line] = defaultdict(lambda: defaultdict(list))
        for kind, cell in _each(one):
            name, start, end, groups = one.keys[cell]
            rest = {other: values for other, values in groups if other != split}
            lines[start, end, frozenset({**rest, **above}.items())][kind, name].append(cell)
        for parent, line in lines.items():
            _sum_line(counts, parent, line, small)
    _sum_over_several(counts, one)


def _sum_over_several(counts: Counts, one: CountedAnswer) -> None:
    """The groups of several splits sum to what they are the groups of where it is told, whatever is told in between."""
    lines: dict[Key, list[int]] = defaultdict(list)
    for _, cell in _each(one):
        name, start, end, _ = one.keys[cell]
        for above in _above(one, cell, least=2):
            lines[name, start, end, above].append(cell)
    for key, cells in lines.items():
        told = counts.find(key)
        if told is not None and sum(counts.truth(cell) for cell in cells) == counts.truth(told):
            counts.sums_to(cells, told)


def _above(one: CountedAnswer, cell: int, least: int) -> Iterator[Groups]:
    """What a count is a group of by at least so many of the splits of its answer."""
    given = {name: frozenset(values) for name, values in one.where}
    groups = one.keys[cell][3]
    for size in range(least, len(one.splits) + 1):
        for gone in combinations(one.splits, size):
            rest = {other: values for other, values in groups if other not in gone}
            yield frozenset({**rest, **{split: given[split] for split in gone if split in given}}.items())


def _sum_into_series(counts: Counts, told: Sequence[CountedAnswer]) -> None:
    """The groups of a split, or of several, sum to a period of what another answer tells by other periods."""
    in_time = [one for one in told if one.sums_in_time]
    shown = {(name, groups) for one in in_time for name, _, _, groups in one.keys.values()}
    for one in in_time:
        lines: dict[tuple[str, Key], list[int]] = defaultdict(list)
        for kind, cell in _each(one):
            name, start, end, _ = one.keys[cell]
            for parent in _above(one, cell, least=1):
                if (name, parent) in shown:
                    lines[kind, (name, start, end, parent)].append(cell)
        for (_kind, key), cells in lines.items():
            found = counts.find(key)
            one.totals[counts.latent(key) if found is None else found] = key
            if found is None or not counts.is_told(found):
                counts.sums_to(cells, counts.latent(key))


def _sum_over_time(counts: Counts, told: Sequence[CountedAnswer]) -> None:
    """Periods that overlap are sums of the same days."""
    series: dict[tuple[Hashable, Groups], list[dict[Days, int]]] = defaultdict(list)
    for one in told:
        if not one.sums_in_time:
            continue
        mine: dict[tuple[Hashable, Groups], dict[Days, int]] = defaultdict(dict)
        for cell, (name, start, end, groups) in (one.keys | one.totals).items():
            mine[name, groups][start, end] = cell
        for of, spans in mine.items():
            # A period without a row has nothing of it.
            missing = {(period.start, period.end) for period in one.periods} - spans.keys()
            series[of].append(spans | {span: counts.total(0) for span in missing})
    calendars = {of: _Calendar(counts, answers) for of, answers in series.items()}
    for calendar in calendars.values():
        calendar.sum_up()
    _empty_days(counts, told, calendars)


def _empty_days(
    counts: Counts, told: Sequence[CountedAnswer], calendars: Mapping[tuple[Hashable, Groups], _Calendar]
) -> None:
    """Days on which nothing is looked at have nothing that met a condition, and nothing that did not."""
    _, high = counts.bounds()
    for parts in {tuple(_names(one.definition)[kind] for kind in _WHOLE) for one in told}:
        for (name, groups), calendar in calendars.items():
            if name != parts[0]:
                continue
            empty = [span for span, cell in calendar.cells.items() if high[cell] <= 0]
            for part in parts[1:]:
                if (part, groups) in calendars:
                    for span in empty:
                        if (cell := calendars[part, groups].cells.get(span)) is not None:
                            counts.at_most(cell, 0)


class _Calendar:
    """The periods that answers tell one thing by, and the stretches of days that these have in common and apart.

    What nobody tells is an unseen count, the same for all that have it in common.
    """

    def __init__(self, counts: Counts, answers: Sequence[dict[Days, int]]) -> None:
        self._counts, self._answers = counts, answers
        self._told = {span: cell for spans in answers for span, cell in spans.items()}
        self.cells = dict(self._told)

    def sum_up(self) -> None:
        """Say of every period what it is the sum of."""
        told = sorted(self._told)
        if all(one[1] < following[0] for one, following in pairwise(told)):
            return
        days = sorted({day for start, end in told for day in (start, end + _DAY)})
        stretches = [
            (start, after - _DAY)
            for start, after in pairwise(days)
            if any(one[0] <= start and after - _DAY <= one[1] for one in told)
        ]
        for span in [*told, *self._common()]:
            for spans in (*self._answers, self._longest_inside(span)):
                self._sum_periods(span, spans)
        for span in list(self.cells):
            inside = [part for part in stretches if span[0] <= part[0] and part[1] <= span[1]]
            self._counts.sums_to([self._cell(part) for part in inside], self._cell(span))

    def _cell(self, span: Days) -> int:
        if span not in self.cells:
            self.cells[span] = self._counts.latent()
        return self.cells[span]

    def _common(self) -> list[Days]:
        """From one day on which periods of two answers end together to the next."""
        found = []
        for one, other in combinations(self._answers, 2):
            edges = [{day for start, end in spans for day in (start, end + _DAY)} for spans in (one, other)]
            both = {min(map(min, edges)), *(edges[0] & edges[1]), max(map(max, edges))}
            found += [(start, after - _DAY) for start, after in pairwise(sorted(both))]
        return [span for span in dict.fromkeys(found) if span not in self.cells]

    def _sum_periods(self, longer: Days, spans: Mapping[Days, int]) -> None:
        """A longer period is the sum of those in it, of the parts in it of those that reach beyond, and of what none tells."""
        start, end = longer
        touching = sorted(span for span in spans if span != longer and span[0] <= end and start <= span[1])
        if longer in spans or not any(start <= span[0] and span[1] <= end for span in touching):
            return
        parts, following = [], start
        for span in touching:
            inside = max(span[0], start), min(span[1], end)
            beyond = [(span[0], start - _DAY), (end + _DAY, span[1])]
            beyond = [part for part in beyond if part[0] <= part[1]]
            if beyond:
                self._counts.sums_to([self._cell(part) for part in (inside, *beyond)], self._cell(span))
            if following < inside[0]:
                parts.append((following, inside[0] - _DAY))
            parts.append(inside)
            following = inside[1] + _DAY
        if following <= end:
            parts.append((following, end))
        self._counts.sums_to([self._cell(part) for part in parts], self._cell(longer))

    def _longest_inside(self, longer: Days) -> dict[Days, int]:
        """The longest periods in a longer one that have no day in common, of any answers: a month, and weeks for the rest."""
        found: dict[Days, int] = {}
        inside = (
            span for span in self._told if span != longer and longer[0] <= span[0] and span[1] <= longer[1]
        )
        for span in sorted(inside, key=lambda one: (one[0] - one[1], one)):
            if all(span[1] < other[0] or other[1] < span[0] for other in found):
                found[span] = self._told[span]
        return found


def _sum_line(counts: Counts, parent: Span, line: Line, small: int) -> None:
    """Say what the counts of a line sum to: a count that is told here too, or else a total told elsewhere.

    Elsewhere a total is hidden by itself where it, its other side or its denominator is small.
    """
    truths = {of: sum(counts.truth(cell) for cell in cells) for of, cells in line.items()}
    few = {kind for (kind, _), truth in truths.items() if 0 < truth < small}
    if few & {"met", "possible", "other"}:
        few |= {"met", "possible", "other"}
    for (kind, name), cells in line.items():
        told = counts.find((name, *parent))
        if told is not None:
            counts.sums_to(cells, told)
        elif len(cells) > 1 and kind not in few and "n" not in few:
            counts.sums_to(cells, counts.total(truths[kind, name]))


def _sum_chosen(counts: Counts, told: Sequence[CountedAnswer]) -> None:
    """A figure of several chosen groups is the sum of those of each, where another answer tells them."""
    for one in told:
        if not one.sums:
            continue
        for _, cell in _each(one):
            name, start, end, groups = one.keys[cell]
            for split, values in groups:
                if len(values) > 1:
                    rest = groups - {(split, values)}
                    each = (
                        counts.find((name, start, end, rest | {(split, frozenset((value,)))}))
                        for value in values
                    )
                    there = [found for found in each if found is not None]
                    if there and sum(counts.truth(found) for found in there) == counts.truth(cell):
                        counts.sums_to(there, cell)


def _each(one: CountedAnswer) -> Iterator[tuple[str, int]]:
    """Every count of an answer with its kind."""
    return ((kind, cell) for found in one.cells for kind, cell in found.items())


def _shown(
    counts: Counts, low: np.ndarray, high: np.ndarray, one: CountedAnswer, settings: Settings
) -> pd.DataFrame:
    """The rows of an answer with what is hidden taken out."""
    rows = one.rows
    # Cell by cell in a data frame would take most of the time of a small answer.
    numbers = {name: rows[name].to_numpy(float, copy=True) for name in _NUMBERS if name in rows}
    numbers |= {name: np.full(len(rows), np.nan) for name in KNOWN_BOUNDS}
    n, n_rows = rows["denominator"].to_numpy(float, copy=True), rows["n_rows"].to_numpy(float)
    mine = ~rows["published"].to_numpy(bool)

    def hidden(kind: str) -> np.ndarray:
        return np.array(
            [kind in found and counts.is_suppressed(found[kind]) for found in one.cells], dtype=bool
        )

    no_n, no_coverage = hidden("n"), hidden("missing") | hidden("n")
    statistic, quantile = one.statistic, one.definition.measure.quantile
    gone = hidden("value") | hidden("met")
    # The range of a hidden row goes; what may be told of a share of two sides is put in its place below.
    _blank(numbers, gone, "low", "high")
    if statistic == "longest":
        gone |= mine & (n_rows > 0) & (n_rows < settings.longest_min_queue)
    elif statistic in ("quantile", "mean"):
        least = settings.p90_min_n if (quantile or 0) > 0.5 else settings.median_min_n
        gone |= mine & (n > 0) & (n < least)
    if statistic == "mean" or WAIT_BAND in one.splits:
        # With its number of waits a mean is their sum, and sums are told of all; all of a band met the limit, or none.
        gone |= no_n
    if statistic == "mean":
        # Beside the share of the same cases its number of waits would say how few have not happened yet.
        undone = np.round(n_rows * numbers["coverage"] / 100) - n
        no_n |= mine & (undone > 0) & (undone < settings.hide_below)
    if statistic in SHARES:
        open_ended = np.isnan(numbers["value"])
        for at in np.flatnonzero(gone & ~no_n & ~open_ended & (n >= settings.share_min_n)):
            ends = _interval(counts, one.cells[at], low, high, n[at], settings.hide_below)
            if ends is not None:
                numbers["low"][at], numbers["high"][at] = (100 * end / n[at] for end in ends)
    for at in np.flatnonzero(hidden("missing") & ~no_n & (n > 0)):
        cell = one.cells[at]["missing"]
        ends = (low[cell], high[cell])
        if 0 < counts.truth(cell) < settings.hide_below and n[at] >= settings.share_min_n:
            ends = (1, settings.hide_below - 1)
        if ends[1] - ends[0] < 1:
            ends = (0, UNBOUNDED)
        numbers["coverage_low"][at], numbers["coverage_high"][at] = (
            100 * n[at] / (n[at] + max(end, 0)) for end in ends[::-1]
        )
    _blank(numbers, gone, "value", "numerator", "possible_low", "possible_high")
    _blank(numbers, no_n, "denominator")
    _blank(numbers, no_coverage, "coverage", "possible_low", "possible_high")
    for name in SIDE_COUNTS:
        _blank(numbers, hidden(name) | (mine & gone), name)
    if statistic == "distinct_persons":
        # Coverage is what is not left out: beside the number of visits it would say the hidden count.
        _blank(numbers, mine & np.isnan(numbers["left_out"]), "coverage")
    _tell_bounds(numbers, one, counts, low, high)
    statuses = [SUPPRESSED if hides else status for hides, status in zip(gone, rows["status"], strict=True)]
    return rows.assign(**numbers, status=pd.Series(statuses, index=rows.index, dtype="str"))


def _tell_bounds(
    numbers: Mapping[str, np.ndarray], one: CountedAnswer, counts: Counts, low: np.ndarray, high: np.ndarray
) -> None:
    """What a reader knows of the count behind a suppressed row: of a share its numerator, of a count its value."""
    kind = "met" if one.statistic in SHARES else "value"
    for at, found in enumerate(one.cells):
        if kind in found and counts.is_suppressed(found[kind]):
            for name, ends in zip(KNOWN_BOUNDS, (low, high), strict=True):
                numbers[name][at] = ends[found[kind]]


def _interval(
    counts: Counts, found: Mapping[str, int], low: np.ndarray, high: np.ndarray, n: float, small: int
) -> tuple[float, float] | None:
    """The least and the most a hidden share's numerator may be told to be; None where nothing may.

    Of one with few on a side it is what that says, of another what the rest leaves.
    """
    met = counts.truth(found["met"])
    if 0 < met < small or 0 < n - met < small:
        return (1.0, small - 1.0) if met < small else (n - small + 1, n - 1)
    ends = (max(low[found["met"]], 0.0), min(high[found["met"]], n))
    return None if ends[1] - ends[0] < 1 or ends == (0, n) else ends


def _blank(numbers: Mapping[str, np.ndarray], where: np.ndarray, *columns: str) -> None:
    """Take the numbers of some columns out of some rows."""
    for name in columns:
        if name in numbers:
            numbers[name][where] = np.nan
