"""What making a warehouse again did, in sentences: one for each kind of thing that became of earlier loads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from pipelines.loading.history import Rebuilt
from pipelines.texts import name_of, text


def rebuilt_sentences(made: Rebuilt, language: str) -> Iterator[str]:
    """How many loads there are, which were lost, what those of earlier versions do not know, and what was removed."""
    yield text("rebuilt", language, count=made.active)
    if made.lost:
        yield text("rebuilt_without", language, loads=", ".join(made.lost))
    for one in made.unknown:
        yield text(
            "rebuilt_unknown",
            language,
            dataset=name_of("dataset", one.dataset, language),
            loads=numbered(one.load_ids),
            fields=", ".join(name_of("field", name, language) for name in one.fields),
        )
    if made.published:
        yield text("rebuilt_published", language, loads=numbered(made.published))
    for held in made.removed:
        kind = f"rebuilt_{held.removal}" if held.load_id is not None else "rebuilt_decided"
        yield text(kind, language, subject=held.load_id, column=held.column, rows=held.rows)
    for one in made.contradicting:
        yield text("rebuilt_contradiction", language, subject=one.load_id, detail=one.in_words)
    if made.removed:
        yield text("rebuilt_old_versions", language)
    if made.unknown or made.published:
        yield text("rebuilt_look", language)


def numbered(load_ids: Iterable[str]) -> str:
    """Ids of loads, neighbours drawn together.

    >>> numbered(["000003", "000001", "000002", "000007"])
    '000001\u2013000003, 000007'
    """
    told = []
    ordered = sorted(load_ids, key=int)
    for _, run in itertools.groupby(enumerate(ordered), key=lambda one: int(one[1]) - one[0]):
        ids = [load_id for _, load_id in run]
        told.append(ids[0] if len(ids) == 1 else f"{ids[0]}–{ids[-1]}")
    return ", ".join(told)
