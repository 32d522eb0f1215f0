"""What a page tells of suppressed numbers in words: verdicts, signals, means and limits, and which worlds they leave.

Each judgement behind a page is taken down with what it was computed from and what of it is told. A world, other counts in the
place of the suppressed ones, is ruled out where the same computation tells something else of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest

from indicators.analysis import before_after, funnel, projection
from indicators.analysis import signals as judging
from indicators.analysis.control_chart import SpcResult, spc
from indicators.catalogue.definition import SHARES, Definition
from indicators.engine.question import SUPPRESSED, Answer
from indicators.programme import targets, verdicts

#: The place of a count: its days, groups and whether it is what met (of a share) or all that is looked at.
Groups = frozenset[tuple[str, frozenset[str]]]
Place = tuple[date, date, Groups]
#: Of a place numerator and denominator of a share, or the value of a count and nothing.
World = Callable[[Place], tuple[float, float]]


@dataclass(frozen=True)
class Verdict:
    """One judgement: of which indicator, from which rows, what was told, and what would be told of other counts."""

    words: str
    definition: Definition
    places: tuple[Place, ...]
    told: object
    of: Callable[[World], object]

    def holds(self, world: World) -> bool:
        """Whether the same would be told of a world."""
        return self.of(world) == self.told


def place_of(row: Mapping[str, Any], found: Answer, splits: Sequence[str] = ()) -> Place:
    """The place of a row of an answer."""
    where = dict(found.question.where)
    if found.area != "all":
        where["area"] = (found.area,)
    groups = {name: frozenset(values) for name, values in where.items()}
    groups |= {split: frozenset((row[split],)) for split in splits}
    return row["period_start"], row["period_end"], frozenset(groups.items())


def value_of(definition: Definition, counts: tuple[float, float]) -> float:
    """The value of an indicator from its counts."""
    if definition.measure.statistic in SHARES:
        return 100 * counts[0] / counts[1] if counts[1] > 0 else math.nan
    return counts[0]


def _values(found: Answer, world: World, splits: Sequence[str] = ()) -> pd.DataFrame:
    """The true rows of an answer with the counts of a world where they are suppressed."""
    rows = found.judged_rows.copy()
    share = found.definition.measure.statistic in SHARES
    for at, status in enumerate(found.rows["status"]):
        if status == SUPPRESSED and not math.isnan(rows["value"].iloc[at]):
            counts = world(place_of(rows.iloc[at].to_dict(), found, splits))
            rows.loc[rows.index[at], "value"] = value_of(found.definition, counts)
            if share:
                rows.loc[rows.index[at], ["numerator", "denominator"]] = counts
    return rows


def _gone(found: Answer, splits: Sequence[str] = ()) -> tuple[Place, ...]:
    return tuple(
        place_of(row, found, splits) for row in found.rows.to_dict("records") if row["status"] == SUPPRESSED
    )


def _rounded(number: float | None) -> float | None:
    """A number as exactly as anything is told."""
    return None if number is None or math.isnan(number) else round(number, 6)


@contextmanager
def verdicts_taken_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Verdict]]:
    """Every judgement on suppressed numbers that is made meanwhile."""
    found: list[Verdict] = []
    with monkeypatch.context() as patched:
        _watch_series(patched, found)
        _watch_targets(patched, found)
        _watch_funnel(patched, found)
        _watch_windows(patched, found)
        _watch_projections(patched, found)
        yield found


def _watch_series(patched: pytest.MonkeyPatch, found: list[Verdict]) -> None:
    spc_of = judging.spc_of

    def watched(answer: Answer, target: float | None = None, breaks: Any = (), **more: Any) -> SpcResult:
        result = spc_of(answer, target, breaks, **more)
        if (answer.rows["status"] == SUPPRESSED).any():
            more.pop("until", None)

            def told(world: World) -> object:
                rows = _values(answer, world)
                ok = answer.judged_rows["status"] == "ok"
                values = [float(v) if good else None for v, good in zip(rows["value"], ok, strict=True)]
                judged = spc(
                    list(rows["period_start"]), values, better=answer.definition.better, target=target,
                    breaks=breaks, **more,
                )  # fmt: skip
                return _told_of_series(judged, result)

            found.append(
                Verdict(
                    f"series of {answer.definition.id}", answer.definition, _gone(answer),
                    _told_of_series(result, result), told,
                )
            )  # fmt: skip
        return result

    patched.setattr(judging, "spc_of", watched)
    patched.setattr(projection, "spc_of", spc_of)
    # Imported by name where pages ask for it.
    from pages.text import signals as signal

    patched.setattr(signal, "spc_of", watched)


def _told_of_series(judged: SpcResult, shown: SpcResult) -> object:
    """Of a series judged somehow what is told of the one that is shown."""
    points = tuple(
        one.rule if told.kind is not None else None
        for one, told in zip(judged.points, shown.points, strict=True)
    )
    levels = tuple(
        None
        if told.mean is None
        else (
            _rounded(one.mean),
            *(
                ()
                if told.limits is None or one.limits is None
                else (_rounded(one.limits.lower), _rounded(one.limits.upper))
            ),
        )
        for one, told in zip(judged.groups, shown.groups, strict=True)
    )
    marks = (
        judged.variation if shown.variation is not None else None,
        judged.assurance if shown.assurance is not None else None,
    )
    return points, levels, marks


def _watch_targets(patched: pytest.MonkeyPatch, found: list[Verdict]) -> None:
    verdict_of_suppressed = targets._verdict_of_suppressed

    def watched(snapshot: Any, target: verdicts.Target, answer: Answer, as_of: date) -> str:
        verdict = verdict_of_suppressed(snapshot, target, answer, as_of)
        if verdict != SUPPRESSED and target.unit != "months":

            def told(world: World) -> object:
                rows = _values(answer, world)
                reached = verdicts.reached(target, float(rows["value"].iloc[0]))
                return verdicts.MET if reached else verdicts.NOT_MET

            words = f"target of {target.indicator} {target.period.label}"
            found.append(Verdict(words, answer.definition, _gone(answer), verdict, told))
        return verdict

    patched.setattr(targets, "_verdict_of_suppressed", watched)


def _watch_funnel(patched: pytest.MonkeyPatch, found: list[Verdict]) -> None:
    made = funnel.funnel

    def watched(answer: Answer) -> funnel.Funnel:
        result = made(answer)
        if (answer.rows["status"] == SUPPRESSED).any():
            split = answer.question.splits

            def told(world: World) -> object:
                rows = _values(answer, world, split)
                names = ("value", "numerator", "denominator", "status")
                given = ((row[split[0]], *(row[name] for name in names)) for row in rows.to_dict("records"))
                return _told_of_funnel(funnel.funnel_of(given), result)

            words = f"funnel of {answer.definition.id}"
            found.append(
                Verdict(words, answer.definition, _gone(answer, split), _told_of_funnel(result, result), told)
            )
        return result

    patched.setattr(funnel, "funnel", watched)


def _told_of_funnel(made: funnel.Funnel, shown: funnel.Funnel) -> object:
    places = tuple(
        one.place if told.place != SUPPRESSED else None
        for one, told in zip(made.points, shown.points, strict=True)
    )
    return places, None if shown.centre is None else _rounded(made.centre)


def _watch_windows(patched: pytest.MonkeyPatch, found: list[Verdict]) -> None:
    verdict_of_suppressed = before_after._verdict_of_suppressed

    def watched(
        definition: Definition, before: Any, after: Any, answers: Any, windows: Any, settings: Any
    ) -> str | None:
        verdict = verdict_of_suppressed(definition, before, after, answers, windows, settings)
        if verdict is not None:

            def told(world: World) -> object:
                moved, wide = (
                    [before_after.replace(one, rows=_values(one, world), true_rows=None) for one in listed]
                    for listed in (answers, windows)
                )
                built = before_after._build(definition, before, after, moved, wide)
                interval, _why = built.interval()
                assert interval is not None
                return (
                    before_after.HIGHER
                    if interval[0] > 0
                    else before_after.LOWER
                    if interval[1] < 0
                    else before_after.BY_CHANCE
                )

            places = tuple(place for one in (*answers, *windows) for place in _gone(one))
            found.append(Verdict(f"windows of {definition.id}", definition, places, verdict, told))
        return verdict

    patched.setattr(before_after, "_verdict_of_suppressed", watched)


def _watch_projections(patched: pytest.MonkeyPatch, found: list[Verdict]) -> None:
    project = projection.project

    def watched(answer: Answer, until: date, breaks: Any = (), **more: Any) -> projection.Projection:
        result = project(answer, until, breaks, **more)
        target = more.get("target")
        if result.course is not None:

            def told(world: World) -> object:
                exact = projection.replace(answer, rows=_values(answer, world), true_rows=None)
                moved = projection._project(exact, until, breaks, projection.LEVEL)
                return moved.reason, moved.outlook(*target) if target else None

            words = f"projection of {answer.definition.id}"
            found.append(
                Verdict(words, answer.definition, _gone(answer), (result.reason, result.course), told)
            )
        return result

    patched.setattr(projection, "project", watched)
