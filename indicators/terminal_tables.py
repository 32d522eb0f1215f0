"""Tables on a terminal in the reader's language, with what the statuses in them mean; files keep the columns' own names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from indicators.catalogue.dimensions import DIMENSIONS
from indicators.catalogue.languages import read_sentences
from indicators.engine.question import OK

_SENTENCES = Path(__file__).with_name("terminal_tables.toml")
#: Columns whose codes have words; what a reader meets of the first two is explained under the table.
_EXPLAINED, _IN_WORDS = ("status", "verdict"), ("status", "verdict", "better", "family", "demo")
#: The rows of a plan have names, and in two columns codes, of their own.
_ROW, _CASES = "what", ("today", "planned")


def in_words(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """A table whose columns and codes are called as people call them in a language (fi, sv, en).

    >>> in_words(pd.DataFrame({"period": ["2025-01"], "status": ["ok"]}), "en").to_dict("records")
    [{'Period': '2025-01', 'Status': 'complete'}]
    """
    words = {name: table[name].map(_word_of(name, language)) for name in _IN_WORDS if name in table}
    if _ROW in table:
        words |= {name: table[name].map(_word_of("cell", language)) for name in _CASES if name in table}
        words[_ROW] = table[_ROW].map(lambda name: row_name(name, language))
    return table.assign(**words).rename(columns=lambda name: column_name(name, language))


def row_name(name: str, language: str) -> str:
    """What a row of a plan is called.

    >>> row_name("queue week 13", "en"), row_name("own_wish", "sv")
    ('In the queue, week 13', 'Väntar på egen begäran')
    """
    named, _, week = name.partition(" week ")
    sentences = read_sentences(_SENTENCES)
    if f"row_{named}" not in sentences:
        return name
    found = sentences[f"row_{named}"][language]
    return sentences["row_in_week"][language].format(row=found, week=week) if week else found


def column_name(name: str, language: str) -> str:
    """What a column is called; a split as the dimension it is."""
    sentences = read_sentences(_SENTENCES)
    if f"column_{name}" in sentences:
        return sentences[f"column_{name}"][language]
    if name in DIMENSIONS:
        return DIMENSIONS[name].title[language]
    of = name.removesuffix("_name")
    return (
        sentences["column_names"][language].format(column=column_name(of, language)) if of != name else name
    )


def legend(table: pd.DataFrame, language: str) -> list[str]:
    """What each status and verdict in a table means, a sentence each, with the code that files have for it.

    A row that has its value and all its days needs none.
    """
    sentences = read_sentences(_SENTENCES)
    said: dict[str, str] = {}
    for name in _EXPLAINED:
        for code in table[name].unique() if name in table else ():
            if code == OK:
                continue
            # The status and the verdict of the same word are explained once.
            said.setdefault(
                code,
                sentences["legend"][language].format(
                    word=sentences[f"{name}_{code}"][language],
                    code=code,
                    means=sentences[f"{name}_{code}_means"][language],
                ),
            )
    return list(said.values())


def _word_of(column: str, language: str) -> Callable[[object], object]:
    sentences = read_sentences(_SENTENCES)

    def word(code: object) -> object:
        written = {True: "yes", False: "no"}.get(code, code) if isinstance(code, bool) else code
        found = sentences.get(f"{column}_{written}")
        return code if found is None else found[language]

    return word
