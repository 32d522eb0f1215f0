"""The counts behind a row of an answer, entered for disclosure control."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

import numpy as np

from indicators.catalogue.definition import SHARES, Definition
from indicators.privacy.counted_answer import COUNTS, CountedAnswer, Span
from indicators.privacy.disclosure import UNBOUNDED, Counts
from pipelines.settings import Settings

#: The split by days waited: each of its bands is a part of what met a share's limit, or of what did not.
WAIT_BAND = "wait_band"
#: A denominator and its components.
COMPONENTS = ("n", "met", "possible", "other")
#: Which rows a count is of, and the conditions they meet.
CountName = tuple[Hashable, frozenset[str]]
SIDE_COUNTS = ("left_out", "uncertain_age")


def rows_with_spans(one: CountedAnswer) -> Iterator[tuple[dict[str, float], Span | None]]:
    """Each row's numbers and the span of its counts; None for a published figure."""
    given = dict(one.where)
    columns = (
        *("value", "numerator", "denominator", "coverage", "n_rows", "low", "high", "published_part"),
        *SIDE_COUNTS,
    )
    matrix = one.rows[list(columns)].to_numpy(float)
    days = one.rows[["period_start", "period_end", "published", *one.splits]].itertuples(index=False)
    for row, (start, end, published, *values) in zip(matrix, days, strict=True):
        groups = {name: frozenset(chosen) for name, chosen in given.items()}
        groups |= {name: frozenset((value,)) for name, value in zip(one.splits, values, strict=True)}
        numbers = dict(zip(columns, row, strict=True))
        part = numbers.pop("published_part")
        if part > 0:
            published = part == numbers["value"] and not numbers["n_rows"] > 0
            numbers["value"] -= part
        span = None if published else (start, end, frozenset(groups.items()))
        yield numbers, span


def enter_counts(
    counts: Counts, one: CountedAnswer, row: dict[str, float], span: Span | None, settings: Settings
) -> dict[str, int]:
    """A row's counts by kind; those that are small are suppressed from the start."""
    found: dict[str, int] = {}
    if span is None:
        return found
    names, small = names_of(one.definition), settings.hide_below

    def add(kind: str, truth: float, size: float | None = None, of: Hashable = None) -> int:
        key = (of or names[kind], *span)
        found[kind] = cell = counts.add(key, truth, size)
        if one.protected_last:
            counts.protect_last(cell)
        one.keys[cell] = key
        return cell

    def add_small(kind: str, truth: float, size: float | None = None, of: Hashable = None) -> None:
        cell = add(kind, truth, size, of)
        if 0 < truth < small:
            counts.suppress_small(cell, 1, small - 1)

    n, met = row["denominator"], row["numerator"]
    if one.statistic in COUNTS:
        if not np.isnan(row["value"]):
            # The number of rows looked at is suppressed before what is known of them.
            add_small("value", row["value"], row["value"] * (1e-6 if one.eligible_count else 1))
    elif one.statistic != "longest" and not np.isnan(n):
        if WAIT_BAND in one.splits and one.statistic in SHARES and met in (0, n):
            add_small("n", n, of=names["met" if met else "other"])
        else:
            add_small("n", n)
            if one.definition.measure.possible_modes:
                sure, possible = (met, 0.0) if np.isnan(row["low"]) else _range_counts(row)
                kinds = {"met": sure, "possible": possible, "other": n - sure - possible}
                _enter_range(counts, {add(kind, truth, n): truth for kind, truth in kinds.items()}, n, small)
            elif one.statistic in SHARES:
                _enter_share(counts, add("met", met, n), add("other", n - met, n), met, n, small)
    if row["n_rows"] > 0 and not np.isnan(row["coverage"]) and one.statistic != "distinct_persons":
        left_out = float(round(row["n_rows"] * (100 - row["coverage"]) / 100))
        cell = add("missing", left_out)
        if 0 < left_out < small:
            # Of few visits no interval of the coverage is shown either: it could be anything.
            bounded = n >= settings.share_min_n
            counts.suppress_small(cell, 1 if bounded else 0, small - 1 if bounded else UNBOUNDED)
    if "n" in found:
        rest = [found[kind] for kind in ("met", "possible", "other", "missing") if kind in found]
        counts.suppress_with(found["n"], rest)
    for kind in SIDE_COUNTS:
        if not np.isnan(row[kind]):
            add_small(kind, row[kind])
    return found


def _enter_share(counts: Counts, met_cell: int, other_cell: int, met: float, n: float, small: int) -> None:
    """Suppress what met and what did not where either is small, with what is then known of them: which side is small."""
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
    """Suppress the three counts that a range is made of where any is small; which of them is not shown."""
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


def names_of(definition: Definition) -> dict[str, CountName]:
    """What the counts of a definition are of, by kind: equal names are of the same rows, whatever the indicator."""
    measure = definition.measure
    base = (measure.dataset, frozenset(measure.rows), measure.deadlines, measure.period, measure.groups)
    known = measure.known or ("all" if measure.dataset in ("visits", "queue") else "entered")
    met = measure.met or " ".join(measure.met_modes) or "met"
    judged = frozenset({known} - {"all"})
    names = {
        "n": judged,
        "met": judged | {met},
        "other": judged | {f"not {met}", *measure.possible_modes},
        "possible": judged | {"possible", *measure.possible_modes},
        "missing": frozenset({f"not {known}"}),
        "left_out": frozenset({"no person"}),
        "uncertain_age": judged | {"uncertain age"},
        "value": frozenset(),
    }
    if measure.statistic == "count_met":
        names["value"] = names["met"]
    elif measure.statistic in ("distinct_persons", "person_share", "late_persons", "open", "mean"):
        # Counts of people, of a day, or of what has happened: of something else than rows.
        names = {kind: conditions | {measure.statistic} for kind, conditions in names.items()}
    return {kind: (base, conditions) for kind, conditions in names.items()}
