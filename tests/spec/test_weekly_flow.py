"""The weekly flow of queues against a model of single persons that knows what became of each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta

from indicators.catalogue.queue_flow import queue_flow_sql
from indicators.engine.queue_flow import queue_flow
from pipelines.loading.master_data import decide, unit_edit
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.spec.test_actions import NOW, current, load, written

FIRST = date(2025, 3, 3)
DAYS = [FIRST + timedelta(weeks=at) for at in range(14)]
UNITS = ("A", "B")
STORIES = (
    *("treated",) * 6,
    *("left", "stays", "missed", "missed_long", "moved", "own_wish", "unlisted", "redated", "professed"),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


@dataclass
class Person:
    """One person: what happens to whom and when, and what the extracts will say of it."""

    number: int
    unit: str
    story: str
    start: date
    end: date
    drawn: random.Random

    def listed(self) -> list[int]:
        """The snapshots with an entry, as if nobody ever forgot one."""
        if self.story == "unlisted":
            return []
        ends = self.end if self.story not in ("stays",) else date.max
        return [at for at, day in enumerate(DAYS) if self.start <= day < ends]


def story_of(number: int, drawn: random.Random) -> Person:
    start = FIRST + timedelta(days=drawn.randint(-60, 80))
    story = drawn.choice(STORIES)
    longest = 45 if story != "unlisted" else 12
    return Person(
        number, drawn.choice(UNITS), story, start, start + timedelta(days=drawn.randint(1, longest)), drawn
    )


class Truth:
    """What happened in each unit and week, from the persons themselves, and the lines of the extracts that follow."""

    def __init__(self, seed: int, people: int, named: bool) -> None:
        self.counts: dict[str, Counter[tuple[str, int, int]]] = {}
        self.queue_lines: list[str] = []
        self.visit_lines: list[str] = []
        self.named = named
        self.drawn = random.Random(seed)
        for number in range(people):
            self.tell(story_of(number, self.drawn))

    def count(self, kind: str, unit: str, at: int, start: date) -> None:
        self.counts.setdefault(kind, Counter())[unit, at, max((DAYS[at] - start).days // 7, 0)] += 1

    def tell(self, person: Person) -> None:
        at = person.listed()
        if person.story == "unlisted":
            week = next((n for n, day in enumerate(DAYS) if day >= person.end), None)
            if person.end > FIRST and week is not None:
                self.count("arrived", person.unit, week, person.start)
                self.count("treated", person.unit, week, person.start)
                self.count("unlisted", person.unit, week, person.start)
            self.seen(person, person.unit)
            return
        if not at:
            # Seen between two snapshots: never listed.
            if person.story != "left":
                self.tell(replace(person, story="unlisted"))
            return
        absent: list[int] = []
        if person.story in ("missed", "missed_long") and len(at) > 2:
            longest = min(4 if person.story == "missed" else 9, len(at) - 2)
            if person.story == "missed" or longest > 4:
                number = (
                    self.drawn.randint(1, 4) if person.story == "missed" else self.drawn.randint(5, longest)
                )
                first = self.drawn.randint(1, len(at) - 1 - min(number, longest))
                absent = at[first : first + min(number, longest)]
        if len(absent) > 4:
            self.count("left", person.unit, absent[0], person.start)
            self.count("arrived", person.unit, absent[-1] + 1, person.start)
        elif absent:
            self.count("returned", person.unit, absent[-1] + 1, person.start)
        turn = at[len(at) // 2] if len(at) > 1 and person.story in ("moved", "own_wish") else None
        other = UNITS[1 - UNITS.index(person.unit)]
        for place in at:
            after = turn is not None and place >= turn
            unit = other if after and person.story == "moved" else person.unit
            waits = not (after and person.story == "own_wish")
            if waits and not (len(absent) > 4 and place in absent):
                self.count("closing", unit, place, person.start)
                # Those under 23 have 14 days, the others three months.
                last = person.start + (timedelta(days=14) if person.number % 2 else relativedelta(months=3))
                if DAYS[place] > last:
                    self.count("over", unit, place, person.start)
            if place not in absent:
                self.entry(person, place, unit, waits)
        if turn is not None:
            self.count("moved_out", person.unit, turn, person.start)
            if person.story == "moved":
                self.count("moved_in", other, turn, person.start)
        if at[0] > 0:
            self.count("arrived", person.unit, at[0], person.start)
        last_unit = other if turn is not None and person.story == "moved" else person.unit
        if at[-1] + 1 < len(DAYS) and not (turn is not None and person.story == "own_wish"):
            self.count("left" if person.story == "left" else "treated", last_unit, at[-1] + 1, person.start)
        if person.story not in ("left", "stays"):
            self.seen(person, last_unit)

    def entry(self, person: Person, place: int, unit: str, waits: bool) -> None:
        redated = person.story == "redated" and place != person.listed()[0] and place % 3 == 2
        self.queue_lines.append(
            queue_entry(
                person.number,
                snapshot=written(DAYS[place]),
                person=f"P{person.number:07d}" if self.named else "",
                unit=unit,
                unit_name=unit,
                born="2010" if person.number % 2 else "1956",
                profession="Sairaanhoitaja" if person.story == "professed" and place % 2 else "Lääkäri",
                assessed=written(person.start + timedelta(days=redated)),
                queued=written(person.start),
                reason="Resurssi" if waits else "Potilaan oma toive",
            )
        )

    def seen(self, person: Person, unit: str) -> None:
        if person.end > DAYS[-1] + timedelta(days=20):
            return
        day = written(person.start)
        known = {"person": f"P{person.number:07d}" if self.named else "", "unit": unit, "unit_name": unit}
        known |= {"born": "2010" if person.number % 2 else "1956"}
        known |= {"contacted": day, "assessed": day, "booked": day}
        self.visit_lines.append(visit(person.number, **known, visit=written(person.end), first="K"))
        if self.named:
            # A later visit of the same need is no other end of a wait.
            later = written(person.end + timedelta(days=4))
            self.visit_lines.append(visit(100_000 + person.number, **known, visit=later, first="E"))


def told(settings: Settings, seed: int, people: int = 260, *, named: bool = True) -> tuple[Truth, Snapshot]:
    truth = Truth(seed, people, named)
    load(settings, "kaynnit.csv", visits(*truth.visit_lines))
    load(settings, "jono.csv", queue(*truth.queue_lines))
    return truth, current(settings)


def numbers(found: np.ndarray) -> Iterator[tuple[int, int, int]]:
    for week, age in zip(*np.nonzero(found), strict=True):
        yield int(week) + 1, int(age), int(found[week, age])


@pytest.mark.parametrize("seed", range(4))
def test_the_flow_is_what_happened(settings: Settings, seed: int) -> None:
    truth, snapshot = told(settings, seed)
    for unit in UNITS:
        found = queue_flow(snapshot, (("area", ("18",)), ("unit", (unit,)), ("service", ("primary_care",))))
        assert found.before == tuple(DAYS[:-1]) and found.days == tuple(DAYS[1:])
        for kind in (
            "arrived",
            "treated",
            "left",
            "moved_in",
            "moved_out",
            "closing",
            "over",
            "unlisted",
            "returned",
        ):
            wanted = {
                (week, age): number
                for (of, week, age), number in truth.counts.get(kind, Counter()).items()
                if of == unit and week > 0
            }
            ours = {(week, age): number for week, age, number in numbers(getattr(found, kind))}
            assert ours == wanted, kind
        np.testing.assert_array_equal(found.limited, found.closing)
        assert not found.difference.any()
        assert found.closing.sum() > 100 and found.treated.sum() > 20 and found.left.sum() > 0


def test_little_counts_the_weeks_of_each_person(settings: Settings) -> None:
    truth, snapshot = told(settings, 9)
    found = queue_flow(snapshot, (("area", ("18",)),))
    of_persons = sum(number for (_unit, week, _age), number in truth.counts["closing"].items() if week > 0)
    assert found.closing.sum() == of_persons
    assert not found.difference.any()
    # A unit more or less is a sum of queues; where one takes from the other both ends are there.
    apart = [queue_flow(snapshot, (("unit", (unit,)),)) for unit in UNITS]
    for name in ("arrived", "treated", "left", "moved_in", "moved_out"):
        together = getattr(found, name).sum(axis=1)
        np.testing.assert_array_equal(sum(getattr(one, name).sum(axis=1) for one in apart), together)


def test_without_persons_visits_are_counted_and_never_more_than_there_are(settings: Settings) -> None:
    truth, snapshot = told(settings, 5, named=False)
    found = queue_flow(snapshot, (("area", ("18",)),))
    assert not found.difference.any()
    # One visit more or less by assessment date and age group, as many as there are: people who left on a day on which
    # another was seen may be told as the other.
    gone = sum(truth.counts[kind].total() for kind in ("treated", "left"))
    assert (found.treated - found.unlisted).sum() + found.left.sum() == gone - truth.counts[
        "unlisted"
    ].total()
    assert found.treated.sum() <= len(truth.visit_lines)
    assert (
        abs(found.treated.sum() - truth.counts["treated"].total()) <= 0.05 * truth.counts["treated"].total()
    )


def test_who_of_several_alike_was_listed_does_not_depend_on_chance(settings: Settings) -> None:
    """Of visits on one day of people without a name, one belongs to the entry that is gone: which one is fixed."""
    lines, waits = (
        [],
        {"assessed": written(FIRST), "queued": written(FIRST), "person": "", "unit": "A", "unit_name": "A"},
    )
    for number in range(400):
        fields = {"contacted": written(FIRST), "assessed": written(FIRST), "booked": written(FIRST)}
        profession = "Lääkäri" if number % 2 else "Sairaanhoitaja"
        at = {
            "visit": written(FIRST + timedelta(days=3)),
            "profession": profession,
            "unit": "A",
            "unit_name": "A",
        }
        lines.append(visit(number, person="", **fields, **at))
    load(settings, "kaynnit.csv", visits(*lines))
    gone = [queue_entry(number, snapshot=written(DAYS[0]), **waits) for number in range(150)]
    stays = queue_entry(999, snapshot=written(DAYS[1]), **waits)
    load(settings, "jono.csv", queue(*gone, stays))
    snapshot = current(settings)
    stored = _table(snapshot, "true")
    assert sum(row[-1] for row in stored if row[-3] == "treated_unlisted") == 250
    for _time in range(3):
        assert _table(snapshot, "true") == stored


def test_a_profession_has_its_own_queue(settings: Settings) -> None:
    _truth, snapshot = told(settings, 3)
    both = [
        queue_flow(snapshot, (("unit", ("A",)), ("profession", (profession,))))
        for profession in ("doctor", "nurse")
    ]
    whole = queue_flow(snapshot, (("unit", ("A",)),))
    for found in both:
        assert not found.difference.any()
        assert found.moved_in.sum() > 0
    np.testing.assert_array_equal(sum(found.closing.sum(axis=1) for found in both), whole.closing.sum(axis=1))


def test_a_merged_unit_goes_on_in_its_successor(settings: Settings) -> None:
    _truth, snapshot = told(settings, 3)
    assert _table(snapshot, "unit = 'A'")
    decide(settings, [unit_edit("A", {"successor": "B"}, by="tests", at=NOW)], now=NOW)
    merged = current(settings)
    assert not _table(merged, "unit = 'A'")
    found, apart = queue_flow(merged, (("unit", ("B",)),)), queue_flow(snapshot, (("area", ("18",)),))
    assert not found.difference.any()
    # Who moved between the two has not moved.
    assert apart.moved_in.sum() > 0 and not found.moved_in.any()
    np.testing.assert_array_equal(found.closing.sum(axis=1), apart.closing.sum(axis=1))


def _table(snapshot: Snapshot, condition: str) -> list[tuple[object, ...]]:
    return snapshot.rows(f"SELECT * FROM ({queue_flow_sql()}) WHERE {condition}")


def test_a_week_without_a_snapshot_is_one_of_more_days(settings: Settings) -> None:
    lines = [
        queue_entry(1, snapshot=written(day), assessed=written(FIRST), queued=written(FIRST))
        for day in (DAYS[0], DAYS[2])
    ]
    load(settings, "jono.csv", queue(*lines))
    found = queue_flow(current(settings), (("unit", ("TK-KOK-01",)),))
    assert found.seven_days.tolist() == [False]
    assert found.closing.sum() == found.opening.sum() == 1
    # No visits are known: who is gone could as well have been treated.
    assert found.visits_known.tolist() == [False]
    assert not found.is_shareable
