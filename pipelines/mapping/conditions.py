"""Conditions of a mapping: what a column of theirs must have in it for a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.mapping.faults import Fault
from pipelines.reading.table import codes_of
from pipelines.warehouse.scales import fold

#: What a condition may say of its column.
_OPERATORS = ("given", "is", "is_not", "is_like", "is_not_like")


@dataclass(frozen=True)
class Condition:
    """A condition on a column of theirs: it is `given` or blank, has (or, not `given`: has none of) one of `texts`.

    Case does not count; with `like` their `*` matches any text.
    """

    column: str
    given: bool = True
    texts: tuple[str, ...] = ()
    like: bool = False

    def fits(self, texts: Sequence[str]) -> list[bool]:
        """Return which values match the texts.

        >>> Condition("kesto", texts=("yli *",), like=True).fits(["Yli 52 vk", "0-13 vk"])
        [True, False]
        """
        wanted = {fold(one) for one in self.texts}
        if not self.like:
            return [fold(text) in wanted for text in texts]
        patterns = [plain_but_stars(one) for one in wanted]
        return [any(fnmatchcase(fold(text), one) for one in patterns) for text in texts]


def plain_but_stars(pattern: str) -> str:
    """A pattern of file names in which nothing but `*` matches other text.

    >>> plain_but_stars("0-1 [wk]*")
    '0-1 [[]wk]*'
    """
    return pattern.replace("[", "[[]").replace("?", "[?]")


def conditions_hold(
    conditions: Iterable[Condition], column_of: Callable[[str], pa.DictionaryArray | None], count: int
) -> np.ndarray:
    """Return the rows in which all conditions hold; `column_of` gives the texts of a header, None for a blank column."""
    holds = np.ones(count, dtype=bool)
    for condition in conditions:
        column = column_of(condition.column)
        if column is None:
            matches = np.zeros(count, dtype=bool)
        elif not condition.texts:
            matches = codes_of(column) >= 0
        else:
            per_text = condition.fits(column.dictionary.to_pylist())
            matches = np.array([*per_text, False], dtype=bool)[codes_of(column)]
        holds &= matches if condition.given else ~matches
    return holds


def parse_conditions(written: Any, where: str, faults: list[str]) -> tuple[Condition, ...]:
    """Parse one or a list of conditions, each a header (it has a value) or a table of `column` and one of `_OPERATORS`."""
    conditions = []
    for one in written if isinstance(written, list) else [written]:
        table = {"column": one, "given": True} if isinstance(one, str) else one
        operators = sorted(set(table) - {"column"}) if isinstance(table, dict) else []
        column = table.get("column") if isinstance(table, dict) else None
        if not isinstance(column, str) or not column.strip() or len(operators) != 1:
            faults.append(Fault("condition", key=where, known=", ".join(_OPERATORS)))
            continue
        value = table[operators[0]]
        texts = [value] if isinstance(value, str) else value
        if operators[0] == "given" and isinstance(value, bool):
            conditions.append(Condition(column, value))
        elif (
            operators[0] in _OPERATORS[1:]
            and isinstance(texts, list)
            and texts
            and all(isinstance(text, str) for text in texts)
        ):
            conditions.append(
                Condition(column, "not" not in operators[0], tuple(texts), "like" in operators[0])
            )
        else:
            faults.append(Fault("operator", key=where, name=operators[0], known=", ".join(_OPERATORS)))
    return tuple(conditions)
