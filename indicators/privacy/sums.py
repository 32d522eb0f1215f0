"""Which counts of answers shown with each other are sums of which: in a row, over groups, over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations, pairwise

from indicators.privacy.cells import COMPONENTS, CountName, names_of
from indicators.privacy.counted_answer import CountedAnswer, Days, Groups, Key, Line, Span
from indicators.privacy.disclosure import Counts

_DAY = timedelta(days=1)


def sum_in_rows(counts: Counts, one: CountedAnswer) -> None:
    """Met and not met are the denominator; with those coverage leaves out it is all rows, where these are shown."""
    rows_name: CountName = (names_of(one.definition)["n"][0], frozenset())
    for found in one.cells:
        if "met" in found:
            components = [found[kind] for kind in ("met", "possible", "other") if kind in found]
            counts.sums_to(components, found["n"], components=True)
        if "n" in found and "missing" in found and one.statistic != "mean":
            every = counts.find((rows_name, *one.keys[found["n"]][1:]))
            if every is not None and every != found["n"]:
                counts.sums_to([found["n"], found["missing"]], every)


def sum_over_groups(counts: Counts, one: CountedAnswer, small: int) -> None:
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
    """The groups of several splits sum to their total where it is shown, whatever is shown in between."""
    lines: dict[Key, list[int]] = defaultdict(list)
    for _, cell in _each(one):
        name, start, end, _ = one.keys[cell]
        for above in _above(one, cell, least=2):
            lines[name, start, end, above].append(cell)
    for key, cells in lines.items():
        total = counts.find(key)
        if total is not None and sum(counts.truth(cell) for cell in cells) == counts.truth(total):
            counts.sums_to(cells, total)


def _above(one: CountedAnswer, cell: int, least: int) -> Iterator[Groups]:
    """What a count is a group of by at least `least` of the splits of its answer."""
    given = {name: frozenset(values) for name, values in one.where}
    groups = one.keys[cell][3]
    for size in range(least, len(one.splits) + 1):
        for gone in combinations(one.splits, size):
            rest = {other: values for other, values in groups if other not in gone}
            yield frozenset({**rest, **{split: given[split] for split in gone if split in given}}.items())


def sum_into_series(counts: Counts, answers: Sequence[CountedAnswer]) -> None:
    """The groups of a split, or of several, sum to a period that another answer reports by other periods."""
    in_time = [one for one in answers if one.sums_in_time]
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
            if found is None or not counts.is_shown(found):
                counts.sums_to(cells, counts.latent(key))


def sum_over_time(counts: Counts, answers: Sequence[CountedAnswer]) -> None:
    """Periods that overlap are sums of the same days."""
    series: dict[tuple[Hashable, Groups], list[dict[Days, int]]] = defaultdict(list)
    for one in answers:
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
    _empty_days(counts, answers, calendars)


def _empty_days(
    counts: Counts, answers: Sequence[CountedAnswer], calendars: Mapping[tuple[Hashable, Groups], _Calendar]
) -> None:
    """Days on which nothing is looked at have nothing that met a condition, and nothing that did not."""
    _, high = counts.bounds()
    for parts in {tuple(names_of(one.definition)[kind] for kind in COMPONENTS) for one in answers}:
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
    """The periods by which answers report one thing, and the stretches of days these have in common and apart.

    A stretch that no answer reports is a latent count, the same for all that have it in common.
    """

    def __init__(self, counts: Counts, answers: Sequence[dict[Days, int]]) -> None:
        self._counts, self._answers = counts, answers
        self._reported = {span: cell for spans in answers for span, cell in spans.items()}
        self.cells = dict(self._reported)

    def sum_up(self) -> None:
        """Say of every period what it is the sum of."""
        reported = sorted(self._reported)
        if all(one[1] < following[0] for one, following in pairwise(reported)):
            return
        days = sorted({day for start, end in reported for day in (start, end + _DAY)})
        stretches = [
            (start, after - _DAY)
            for start, after in pairwise(days)
            if any(one[0] <= start and after - _DAY <= one[1] for one in reported)
        ]
        for span in [*reported, *self._common()]:
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
        """A longer period is the sum of those in it, of the parts in it of those that reach beyond, and of the rest."""
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
            span
            for span in self._reported
            if span != longer and longer[0] <= span[0] and span[1] <= longer[1]
        )
        for span in sorted(inside, key=lambda one: (one[0] - one[1], one)):
            if all(span[1] < other[0] or other[1] < span[0] for other in found):
                found[span] = self._reported[span]
        return found


def _sum_line(counts: Counts, parent: Span, line: Line, small: int) -> None:
    """Say what the counts of a line sum to: a count that is shown here too, or else a total shown elsewhere.

    Elsewhere a total is suppressed by itself where it, its other side or its denominator is small.
    """
    truths = {of: sum(counts.truth(cell) for cell in cells) for of, cells in line.items()}
    few = {kind for (kind, _), truth in truths.items() if 0 < truth < small}
    if few & {"met", "possible", "other"}:
        few |= {"met", "possible", "other"}
    for (kind, name), cells in line.items():
        total = counts.find((name, *parent))
        if total is not None:
            counts.sums_to(cells, total)
        elif len(cells) > 1 and kind not in few and "n" not in few:
            counts.sums_to(cells, counts.total(truths[kind, name]))


def sum_chosen_groups(counts: Counts, answers: Sequence[CountedAnswer]) -> None:
    """A figure of several chosen groups is the sum of those of each, where another answer shows them."""
    for one in answers:
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
