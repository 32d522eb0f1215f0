"""Every definition has a second implementation and golden values: which one, by the indicator's id."""

from __future__ import annotations

import pytest

from indicators.catalogue.definition import DATASET_SPLITS, GROUP_SPLIT, Definition, load_definitions
from tests.golden.test_golden import VALUES
from tests.oracle import by_kind, cases, debt, figures, model

#: The modules that answer again, with the indicators each answers from rows or ready-made figures.
REGISTER = {
    "visits": (model.Oracle.ask, frozenset(model.COMPLETED)),
    "queue": (model.Oracle.ask, frozenset(model.WAITING)),
    "cases": (cases.ask, frozenset(cases.INDICATORS)),
    "figures": (figures.ask, frozenset(figures.READY_MADE)),
    "hidden_debt": (debt.ask, frozenset(debt.INDICATORS)),
}


@pytest.mark.parametrize("definition", load_definitions().values(), ids=lambda one: one.id)
def test_every_definition_has_one_second_implementation_and_golden_values(definition: Definition) -> None:
    measure = definition.measure
    answers = [name for name, (_, indicators) in REGISTER.items() if definition.id in indicators]
    expected = "cases" if measure.dataset == "referrals" else measure.dataset
    assert answers == ["hidden_debt" if measure.statistic.startswith("hidden_debt") else expected]
    assert (VALUES / f"{definition.id}.txt").stat().st_size > 0


def test_nothing_is_answered_again_that_is_not_defined() -> None:
    answered = set().union(*(indicators for _, indicators in REGISTER.values()))
    assert answered == set(load_definitions())


@pytest.mark.parametrize("definition", load_definitions().values(), ids=lambda one: one.id)
def test_what_an_indicator_is_was_typed_anew(definition: Definition) -> None:
    """The second implementation says for itself what adds up, what tells of a day, what is a share and what is split."""
    name = definition.id
    assert (name in figures.PER_CENT) == definition.is_share
    assert (name in figures.SUMS) == definition.adds_up
    assert (name in figures.OF_A_DAY) == definition.point_in_time
    if name in model.INDICATORS:
        assert model.splits_of(name) == definition.dimensions
    assert set(definition.dimensions) <= {GROUP_SPLIT, *DATASET_SPLITS[definition.measure.dataset]}


#: Indicators of visits whose kind is written by hand alone: groups, modes, people by age, health centres.
BY_HAND = (
    *("seven_day_access_vulnerable", "electronic_contacts", "remote_contacts"),
    *("over_75_oral_health_share", "guarantee_monitoring_coverage"),
)


@pytest.mark.parametrize("indicator", sorted({*model.COMPLETED} - {*BY_HAND}))
def test_what_is_composed_by_kind_is_what_was_written_by_hand(indicator: str, oracle: model.Oracle) -> None:
    """On the visits of the demo; what is composed serves indicators that nobody wrote by hand."""
    by_hand, composed = model.COMPLETED[indicator], by_kind.completed(load_definitions()[indicator])
    visits = oracle.known.visits
    mine = [row for row in visits if by_hand.concerns(row)]
    assert [row for row in visits if composed.concerns(row)] == mine
    assert composed.figures(mine) == by_hand.figures(mine)
