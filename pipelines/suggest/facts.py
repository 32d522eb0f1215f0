"""The facts about an unknown file, and how its columns are matched with ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.checking.codes import our_codes
from pipelines.checking.fields import FIELDS
from pipelines.identity_codes import holds_hetu
from pipelines.mapping.shape import joined_parts
from pipelines.settings import Settings
from pipelines.suggest.columns import Column, words_match
from pipelines.suggest.words import code_names, word_lists
from pipelines.suggest.writing import Draft, plain, quoted
from pipelines.texts import text
from pipelines.warehouse.scales import fold

#: A list of things has more distinct values than a list of codes.
_MOST_CODES = 60
#: More codes than these are looked up in `data/reference/codes.csv`.
_MOST_LISTED = 20


@dataclass(frozen=True)
class Facts:
    """One file: its columns that have a header, all headers, the titles above them. `blank_below` are headers of columns
    that say a name only in the first of its rows."""

    columns: Sequence[Column]
    headers: Sequence[str]
    file_name: str
    titles: Sequence[str]
    settings: Settings
    language: str
    blank_below: tuple[str, ...] = ()

    def say(self, code: str, **params: object) -> str:
        return text(f"suggest_{code}", self.language, **params)

    def column(self, header: str) -> Column:
        return next(c for c in self.columns if c.header == header)

    def best(self, role: str, fits: Callable[[Column], object], without: Iterable[str] = ()) -> Column | None:
        """The column that is called most like the role, among those that fit."""
        words = word_lists()["fields"].get(role, ())
        taken = set(without)
        scored = [
            (words_match(c.header, words), -at, c)
            for at, c in enumerate(self.columns)
            if c.header not in taken and fits(c)
        ]
        found = max(scored, default=(0, 0, None), key=lambda one: one[:2])
        return found[2] if found[0] else None

    @staticmethod
    def joins(column: Column) -> bool:
        """Whether a column can be joined with others: its header has no braces."""
        return not set("{}") & set(column.header)

    @staticmethod
    def columns_in(joined: str) -> list[str]:
        """The headers that a column is joined of."""
        return [one for one, is_header in joined_parts(joined) if is_header]

    @staticmethod
    def rows_alike(columns: Sequence[Column]) -> int:
        """How many rows agree with an earlier one in all of some columns."""
        if not columns:
            return 0
        codes = np.stack([column.codes for column in columns])
        return codes.shape[1] - np.unique(codes, axis=1).shape[1]

    def called(self, column: Column, words: str) -> bool:
        """Whether a header has one of the words of a list."""
        return bool(words_match(column.header, word_lists()["words"][words]))

    def named_in_titles(self, words: str) -> bool:
        """Whether the file's name or a title above the headers has one of the words of a list."""
        listed = word_lists()["words"][words]
        return any(words_match(name, listed) for name in (self.file_name.split(".")[0], *self.titles))

    def new(self, name: str) -> str:
        """A name for a made column that the file does not have."""
        taken = {fold(header) for header in self.headers}
        while fold(name) in taken:
            name += "_"
        return name

    def undecided(self, draft: Draft, name: str) -> None:
        one = next(one for one in FIELDS[draft.dataset] if one.name == name)
        codes = sorted(our_codes(one.domain or ""))
        listed = " " + self.say("one_of", codes=", ".join(codes)) if 0 < len(codes) <= _MOST_LISTED else ""
        draft.constants.append(f'# {name} = ""   # {self.say("undecided", field=name)}{listed}')

    def meanings(self, draft: Draft, domain: str, column: Column) -> None:
        """Their codes with a meaning that is known by name; the others are lines to fill in."""
        if len(column.texts) > _MOST_CODES or domain in draft.values:
            return
        known, codes = code_names(domain), our_codes(domain)
        draft.values[domain] = {
            t: known[fold(t)] for t in column.texts if fold(t) in known and t not in codes
        }
        unknown = [t for t in column.texts if fold(t) not in known and t not in codes and not holds_hetu(t)]
        if unknown and domain != "area":
            draft.unknown[domain] = tuple(unknown)
            listed = sorted(codes) if 0 < len(codes) <= _MOST_LISTED else ()
            draft.possible[domain] = self.say("values") + (
                " " + self.say("one_of", codes=", ".join(listed)) if listed else ""
            )

    def known_by_name(self, domain: str, column: Column) -> bool:
        """Whether most values of a column are names or codes of ours."""
        known = code_names(domain)
        hits = sum(fold(t) in known for t in column.texts)
        return bool(column.texts) and hits >= len(column.texts) / 2

    def assumed(self, line: str) -> str:
        return f"{line}   # {self.say('assumed')}"

    def unused_names(self, columns: Sequence[Column]) -> str:
        return ", ".join(plain(c.header) for c in columns)

    def constant(self, draft: Draft, name: str, value: str) -> None:
        draft.constants.append(self.assumed(f"{name} = {quoted(value)}"))
