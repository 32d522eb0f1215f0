"""The facts about an unknown file, and how its columns are matched with ours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.checking.codes import MOST_LISTED, listed_codes, names_of_codes, our_codes
from pipelines.checking.fields import FIELDS
from pipelines.identity_codes import holds_hetu
from pipelines.mapping.shape import joined_parts
from pipelines.settings import Settings
from pipelines.suggest.columns import Column, words_match
from pipelines.suggest.words import code_called, code_names, word_lists, words_of
from pipelines.suggest.writing import Draft, plain, quoted
from pipelines.texts import text
from pipelines.warehouse.scales import fold

#: A list of things has more distinct values than a list of codes.
_MOST_CODES = 60
#: Letters that say yes and no, in Finnish, Swedish and English: only where both are there.
_YES_AND_NO = ({"k": "yes", "e": "no"}, {"j": "yes", "n": "no"}, {"y": "yes", "n": "no"})


def _letters(codes: Collection[str], texts: Sequence[str]) -> Mapping[str, str]:
    """What the letters of a column of yes and no mean."""
    written = set(map(fold, texts))
    return next((pair for pair in _YES_AND_NO if codes == {"yes", "no"} and written == pair.keys()), {})


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
        listed = [self.say("undecided", field=name), *self.possible(one.domain or "")]
        draft.constants.append(f'# {name} = ""   # {" ".join(listed)}')

    def meanings(self, draft: Draft, domain: str, column: Column) -> None:
        """Their codes with a meaning that is known by name; the others are lines to fill in, with what may be written."""
        is_place = domain == "municipality"
        if (len(column.texts) > _MOST_CODES and not is_place) or domain in draft.values:
            return
        codes = our_codes(domain)
        others = [t for t in column.texts if t not in codes and not holds_hetu(t)]
        letters = _letters(codes, column.texts)
        found = {t: letters.get(fold(t)) or code_called(domain, t) for t in others}
        draft.values[domain] = {t: code for t, code in found.items() if code is not None}
        if ours := [t for t in column.texts if t in codes and not is_place]:
            names = names_of_codes(domain, self.language)
            listed = ", ".join(f"{t} ({names.get(t, t)})" for t in sorted(ours))
            draft.ours[domain] = self.say("as_they_are", column=plain(column.header), codes=listed)
        # Codes of municipalities may have lost their zeros: only names are told of.
        unknown = [t for t, code in found.items() if code is None and (not is_place or t[:1].isalpha())]
        if unknown and domain != "area":
            draft.unknown[domain] = tuple(unknown)
            draft.possible[domain] = [self.say("values"), *self.possible(domain)]

    def possible(self, domain: str) -> Sequence[str]:
        """What may be written for a code: our codes, where they are few enough to be listed."""
        codes = listed_codes(domain, self.language)
        return [self.say("one_of", codes=codes)] if codes else []

    def known_by_name(self, domain: str, column: Column) -> bool:
        """Whether most values of a column are names or codes of ours."""
        hits = sum(code_called(domain, t) is not None for t in column.texts)
        return bool(column.texts) and hits >= len(column.texts) / 2

    def domains_by_values(self, domains: Collection[str]) -> Mapping[str, str]:
        """The columns of which most values are names of our codes of one domain and of no other: header → domain.

        Those that say most come first.
        """
        hits: dict[str, tuple[int, str]] = {}
        for domain in domains:
            elsewhere = {name for other in domains if other != domain for name in code_names(other)}
            known = code_names(domain).keys() - elsewhere
            for c in self.columns:
                if not c.is_text or c.has_identity_codes or len(c.texts) > MOST_LISTED:
                    continue
                if (count := sum(words_of(t) in known for t in c.texts)) > len(c.texts) / 2:
                    hits[c.header] = (count, domain)
        ordered = sorted(hits.items(), key=lambda one: -one[1][0])
        return {header: domain for header, (_, domain) in ordered}

    def assumed(self, line: str) -> str:
        return f"{line}   # {self.say('assumed')}"

    def unused_names(self, columns: Sequence[Column]) -> str:
        return ", ".join(plain(c.header) for c in columns)

    def constant(self, draft: Draft, name: str, value: str) -> None:
        draft.constants.append(self.assumed(f"{name} = {quoted(value)}"))
