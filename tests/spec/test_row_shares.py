"""Tables of row counts: small parts, and parts that leave few, are suppressed and do not follow from what is told."""

from __future__ import annotations

from itertools import product

import pytest

from indicators.privacy.row_shares import RowShare, row_shares, shares_of_one
from pipelines.settings import load_settings

SETTINGS = load_settings({})
SMALL = range(1, SETTINGS.hide_below)


def agrees(told: RowShare, rows: int, of: int) -> bool:
    """Whether a part of a whole could be what is told."""
    if told.rows is not None and told.rows != rows:
        return False
    if told.of is not None and told.of != of:
        return False
    if told.low is None or told.high is None or not of:
        return True
    return told.low - 1e-9 <= 100 * rows / of <= told.high + 1e-9


@pytest.mark.parametrize(
    "parts",
    [
        {"A": (12, 40), "B": (9, 40), "C": (3, 40)},
        {"A": (12, 40), "B": (28, 30)},
        {"A": (2, 25), "B": (3, 25), "C": (0, 25)},
        {"A": (7, 9), "B": (30, 34)},
        {"A": (28, 30)},
    ],
    ids=str,
)
def test_no_small_part_or_rest_follows_from_the_table(parts: dict[str, tuple[int, int]]) -> None:
    """Every world that agrees with all that is told is looked at, the groups that have no row among it."""
    told, total = row_shares(parts, SETTINGS)
    open_groups = [group for group in parts if told[group].rows is None or told[group].of is None]
    choices = [
        [
            (rows, of)
            for of in ([told[group].of] if told[group].of is not None else range(1, 41))
            for rows in range(1, of + 1)
            if agrees(told[group], rows, of)
        ]
        for group in open_groups
    ]
    worlds = [
        dict(zip(open_groups, chosen, strict=True))
        for chosen in product(*choices)
        if agrees(
            total,
            sum((parts | dict(zip(open_groups, chosen, strict=True)))[group][0] for group in parts),
            sum((parts | dict(zip(open_groups, chosen, strict=True)))[group][1] for group in parts),
        )
    ]
    for group, (rows, of) in parts.items():
        if rows in SMALL:
            assert told[group].rows is None
            assert len({world[group][0] for world in worlds}) > 1
        if of - rows in SMALL:
            assert told[group].rows is None
            assert len({world[group][1] - world[group][0] for world in worlds}) > 1


def test_a_part_that_leaves_few_is_told_as_an_interval() -> None:
    told, _total = row_shares({"A": (28, 30)}, SETTINGS)
    assert told["A"] == RowShare(None, 30, 100 * 26 / 30, 100 * 29 / 30)
    assert told["A"].exact is None


@pytest.mark.parametrize(("rows", "told"), [(0, 0), (5, 5), (25, 25), (30, 30), (4, None), (26, None)])
def test_what_leaves_nothing_or_enough_is_told(rows: int, told: int | None) -> None:
    found, _total = row_shares({"A": (rows, 30)}, SETTINGS)
    assert found["A"].rows == told


def test_parts_of_one_whole_do_not_tell_how_few_are_left() -> None:
    """Of 30 rows 15 and 13 have a code without a meaning: two are left."""
    told = shares_of_one({"x": 15, "y": 13}, 30, SETTINGS)
    assert any(one.rows is None for one in told.values())
    told = shares_of_one({"x": 15, "y": 3}, 30, SETTINGS)
    assert (told["x"].rows, told["y"].rows) == (15, None)
