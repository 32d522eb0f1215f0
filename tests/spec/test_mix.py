"""What changed within the groups and what came from their mix."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.analysis.decomposition import REST, decompose, more_than_chance, share_mix
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import period_of
from indicators.engine.question import Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse

BEFORE, AFTER = period_of(date(2024, 2, 1), "quarter"), period_of(date(2025, 2, 1), "quarter")


@pytest.fixture(scope="module")
def demo(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


#: Groups of (numerator, denominator), the first no greater than the second.
COUNTS = st.dictionaries(
    st.sampled_from("abcde"), st.tuples(st.integers(0, 500), st.integers(0, 500)).map(sorted).map(tuple)
)


@given(COUNTS, COUNTS, st.sampled_from([1, 100]))
def test_the_terms_sum_to_the_change_exactly(before: dict, after: dict, scale: int) -> None:
    found = decompose(before, after, scale)
    sums = [[sum(pair[place] for pair in counts.values()) for place in (0, 1)] for counts in (before, after)]
    if 0 in (sums[0][1], sums[1][1]):
        assert found is None
        return
    assert found.change == scale * (Fraction(*sums[1]) - Fraction(*sums[0]))
    assert found.within + found.mix == found.change
    assert (
        sum(term.weight_before for term in found.terms) == sum(term.weight_after for term in found.terms) == 1
    )


@given(COUNTS, COUNTS)
def test_backwards_in_time_every_term_turns_over(before: dict, after: dict) -> None:
    there, back = decompose(before, after), decompose(after, before)
    if there is not None:
        assert [(t.group, t.within, t.mix) for t in there.terms] == [
            (t.group, -t.within, -t.mix) for t in back.terms
        ]


@given(COUNTS, st.integers(1, 9))
def test_the_same_mix_changes_only_within_and_the_same_shares_only_by_mix(counts: dict, times: int) -> None:
    counts = {group: pair for group, pair in counts.items() if pair[1]}
    if not counts:
        return
    same_mix = decompose(counts, {group: (0, d * times) for group, (_, d) in counts.items()})
    assert same_mix.mix == 0
    same_shares = decompose(
        counts, {g: (n * (i + 1), d * (i + 1)) for i, (g, (n, d)) in enumerate(counts.items())}
    )
    assert same_shares.within == 0


def test_every_group_better_and_the_whole_worse() -> None:
    """Simpson: nurses 90 → 95 %, doctors 50 → 60 %, all 86,4 → 77,5 %, as doctors' visits grew tenfold."""
    found = decompose({"nurse": (90, 100), "doctor": (5, 10)}, {"nurse": (95, 100), "doctor": (60, 100)}, 100)
    assert all(term.within > 0 for term in found.terms)
    assert found.within > 0 > found.change
    assert found.mix < -found.within


def test_every_group_worse_and_the_whole_better() -> None:
    """The praise to be wary of: both fell by 10 points, and remote contacts, which are fast, became most of all."""
    found = decompose(
        {"remote": (99, 100), "in_person": (450, 900)}, {"remote": (801, 900), "in_person": (40, 100)}, 100
    )
    assert found.change > 25
    assert found.within == pytest.approx(-10)
    assert {term.group: term.mix > 0 for term in found.terms} == {"remote": True, "in_person": True}


def test_a_group_that_appears_or_disappears_is_all_mix() -> None:
    found = decompose({"old": (10, 20), "stays": (30, 40)}, {"new": (45, 50), "stays": (30, 40)})
    by_group = {term.group: term for term in found.terms}
    assert by_group["new"].within == by_group["old"].within == by_group["stays"].within == 0
    assert (by_group["new"].before, by_group["old"].after) == (None, None)
    assert by_group["new"].mix > 0
    assert by_group["old"].mix > 0


@pytest.mark.parametrize("split", ["profession", "mode", "service", "unit"])
def test_the_share_of_the_warehouse(split: str, demo: Snapshot, demo_settings: Settings) -> None:
    asked = Question("seven_day_access", splits=(split,))
    told, bare = (
        share_mix(demo, replace(asked, suppress=suppress), BEFORE, AFTER, demo_settings)
        for suppress in (True, False)
    )
    assert told.reason is bare.reason is None
    whole = bare.answer.rows
    assert (float(bare.mix.before), float(bare.mix.after)) == pytest.approx(tuple(whole["value"]))
    for one in (told, bare):
        assert one.mix.within + one.mix.mix == one.mix.change
    # Of perturbed numbers the groups need not add up to the whole exactly.
    assert (float(told.mix.before), float(told.mix.after)) == pytest.approx(tuple(whole["value"]), abs=2)
    groups = {term.group for term in told.mix.terms}
    hidden = {term.group for term in bare.mix.terms} - groups
    assert REST not in groups or hidden


def test_a_period_that_may_not_be_judged_is_not_split(demo: Snapshot, demo_settings: Settings) -> None:
    asked = Question("seven_day_access", splits=("profession",))
    future = period_of(date(2026, 2, 1), "quarter")
    found = share_mix(demo, asked, BEFORE, future, demo_settings)
    assert (found.mix, found.reason) == (None, "period_not_judged")


@pytest.mark.parametrize(
    ("indicator", "splits"),
    [("visits", ("unit",)), ("seven_day_access", ()), ("seven_day_access", ("unit", "mode"))],
)
def test_what_has_no_mix_is_refused(
    indicator: str, splits: tuple[str, ...], demo: Snapshot, demo_settings: Settings
) -> None:
    with pytest.raises(BadQuestion):
        share_mix(demo, Question(indicator, splits=splits), BEFORE, AFTER, demo_settings)


@pytest.mark.parametrize(
    ("before", "after", "apart"),
    [
        # 75 visits and ten points: nothing. The same shares of ten times as many are something.
        ((55, 75), (47, 75), False),
        ((550, 750), (470, 750), True),
        ((40, 40), (40, 40), False),
    ],
)
def test_only_a_change_beyond_chance_has_causes(
    before: tuple[int, int], after: tuple[int, int], apart: bool
) -> None:
    assert more_than_chance(before, after) is apart


def test_a_change_within_chance_is_not_split(demo: Snapshot, demo_settings: Settings) -> None:
    """Two weeks of a small unit: whatever they differ by, it is no more than chance."""
    weeks = [period_of(date(2025, 5, day), "week") for day in (5, 12)]
    asked = Question(
        "seven_day_access", splits=("profession",), where=(("unit", ("TK-KAN-01",)),), suppress=False
    )
    found = share_mix(demo, asked, *weeks, demo_settings)
    counts = [(row["numerator"], row["denominator"]) for row in found.answer.rows.to_dict("records")]
    assert not more_than_chance(*counts)
    assert (found.mix, found.reason) == (None, "within_chance")
    assert (found.before, found.after) == pytest.approx(tuple(found.answer.rows["value"]))
