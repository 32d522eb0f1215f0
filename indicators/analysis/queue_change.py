"""How a queue changed, like for like: over the queues that were counted on both days.

A queue that was not counted is no zero: counted on one side alone, it would make a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from indicators.analysis.change import Change, change_against
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period
from indicators.engine.evaluate import answer_from_data
from indicators.engine.question import NO_DATA, OK, SUPPRESSED, Answer, Missing, Question, periods_of
from indicators.engine.queue_members import OVER_LIMIT, QueueCompleteness, counted_column
from indicators.engine.scope import area_of, narrowed_where
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

LENGTH = "queue_length"


@dataclass(frozen=True)
class LikeForLike:
    """The change of the queues known in two periods: `value` now, `before` then, in the indicator's unit.

    `since` is the day of the earlier number; `services` are those of the queues compared; `queues` says how
    many are compared of the `among` known in the newer period.
    """

    value: float
    before: float
    since: date
    services: tuple[str, ...]
    queues: int
    among: int

    @property
    def difference(self) -> float:
        """Now − before."""
        return self.value - self.before


def queue_change(
    snapshot: Snapshot, question: Question, settings: Settings, label: str, earlier: int = 4
) -> Change | LikeForLike | None:
    """The change of an unsplit count of queues in the period named `label`.

    Against the mean of the complete periods just before it where all of them have the same queues; else between it
    and the newest earlier period that knows some of its queues, over those known in both. None where there is nothing
    to compare, or where a number that goes into it is suppressed.
    """
    found = answer_from_data(snapshot, question, settings)
    labels = list(found.rows["period"])
    if label not in labels:
        return None
    at = labels.index(label)
    if found.rows["status"].iloc[at] in (NO_DATA, SUPPRESSED):
        return None
    completeness = _completeness(snapshot, found, settings)
    now = completeness.known(label)
    before = found.rows.iloc[max(0, at - earlier) : at]
    complete = [name for name, status in zip(before["period"], before["status"], strict=True) if status == OK]
    if found.rows["status"].iloc[at] == OK and all(completeness.known(name) == now for name in complete):
        change = change_against(found, at, earlier)
        if change is not None:
            return change
    for place in range(at - 1, -1, -1):
        status = found.rows["status"].iloc[place]
        if status != NO_DATA and completeness.known(labels[place]) & now:
            suppressed = status == SUPPRESSED
            return None if suppressed else _between(snapshot, found, settings, completeness, place, at)
    return None


def newly_counted(snapshot: Snapshot, found: Answer, settings: Settings, then: str, now: str) -> float:
    """How many of an unsplit count of queues in the period `now` are in queues without a number in the period `then`.

    Suppressed numbers count as they are judged. 0 for what is no count of queues and where the queues
    are the same; one that took over from a unit known in `then` is the same.
    """
    if found.definition.measure.dataset != "queue":
        return 0.0
    completeness = _completeness(snapshot, found, settings)
    labels = {period.label: period for period in periods_of(found.rows)}
    if then not in labels or now not in labels:
        return 0.0
    before = completeness.known(then)
    units = {unit for _, unit, _ in before}
    ended = snapshot.rows("SELECT unit, successor FROM units WHERE successor IS NOT NULL")
    heirs = {successor for unit, successor in ended if unit in units}
    new = {key for key in completeness.known(now) - before if key[1] not in heirs}
    if not new:
        return 0.0
    by_queue = answer_from_data(snapshot, _by_queue(found, (labels[now],)), settings)
    cells = by_queue.rows
    keys = zip(cells["area"], cells["unit"], cells["service"], strict=True)
    return float(by_queue.judged_values.loc[[key in new for key in keys]].sum())


def earlier_numbers(
    snapshot: Snapshot, question: Question, settings: Settings, period: Period
) -> tuple[Missing, ...]:
    """The queues that a period has no number of, each with the day of its newest number before it; without the numbers."""
    # Only the queues that the rows lack are returned.
    asked = replace(
        question,
        by=None,
        splits=(),
        periods=(period,),
        date_from=None,
        date_to=None,
    )
    found = answer_from_data(snapshot, asked, settings)
    return _completeness(snapshot, found, settings).earlier(period.label)


def only_beyond_limit(
    snapshot: Snapshot, question: Question, settings: Settings
) -> dict[str, tuple[Missing, ...]]:
    """Per period name, the queues of which only the part beyond the limit is known, with that number and its day.

    They are why more may be beyond the limit than wait. `question` is one about those beyond it; of another, and where
    there is no such queue, the answer is empty.
    """
    meant = definition(question.indicator)
    if counted_column(meant, question) != OVER_LIMIT:
        return {}
    found = answer_from_data(snapshot, replace(question, splits=()), settings)
    length = definition(LENGTH)
    over, waiting = (_completeness(snapshot, found, settings, of) for of in (meant, length))
    only = {
        period.label: missing
        for period in periods_of(found.rows)
        if (missing := over.known(period.label) - waiting.known(period.label))
    }
    if not only:
        return {}
    periods = tuple(period for period in periods_of(found.rows) if period.label in only)
    cells = answer_from_data(snapshot, _by_queue(found, periods), settings).rows
    by_period: dict[str, list[Missing]] = {}
    for row in cells.to_dict("records"):
        key = row["area"], row["unit"], row["service"]
        if key in only[row["period"]]:
            suppressed = row["status"] == SUPPRESSED
            number = None if suppressed else float(row["value"])
            by_period.setdefault(row["period"], []).append(
                Missing(*key, number, row["as_of"], suppressed=suppressed)
            )
    return {label: tuple(queues) for label, queues in by_period.items()}


def _completeness(
    snapshot: Snapshot, found: Answer, settings: Settings, of: Definition | None = None
) -> QueueCompleteness:
    meant = of or found.definition
    where = narrowed_where(found.question.where, area_of(found.question, settings))
    return QueueCompleteness(
        snapshot,
        periods_of(found.rows),
        dict(where),
        counted_column(meant, found.question),
        with_limit="service_with_limit" in meant.measure.rows,
    )


def _by_queue(found: Answer, periods: tuple[Period, ...]) -> Question:
    """The same question by area, unit and service, for some periods alone."""
    return replace(
        found.question,
        by=None,
        splits=("area", "unit", "service"),
        area=found.area,
        periods=periods,
        date_from=None,
        date_to=None,
    )


def _between(
    snapshot: Snapshot,
    found: Answer,
    settings: Settings,
    completeness: QueueCompleteness,
    place: int,
    at: int,
) -> LikeForLike | None:
    """The change between two periods of an answer over the queues known in both."""
    periods = periods_of(found.rows)
    then, now = periods[place], periods[at]
    asked = _by_queue(found, (then, now))
    cells = answer_from_data(snapshot, asked, settings).rows
    if (cells["status"] == SUPPRESSED).any():
        return None
    both = completeness.known(then.label) & completeness.known(now.label)
    keys = zip(cells["area"], cells["unit"], cells["service"], strict=True)
    cells = cells.loc[[key in both for key in keys]]
    sums = cells.groupby("period")["value"].sum()
    since = completeness.oldest(then.label, both)
    if since is None:
        return None
    return LikeForLike(
        float(sums.get(now.label, 0.0)),
        float(sums.get(then.label, 0.0)),
        since,
        tuple(sorted({service for *_, service in both})),
        len(both),
        len(completeness.known(now.label)),
    )
