"""The periods of a table of numbers: in a column, in two, or as the headers of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.reading.dates import names_day
from pipelines.suggest.columns import Column, words_match
from pipelines.suggest.date_forms import date_forms
from pipelines.suggest.facts import Facts
from pipelines.suggest.words import is_total, word_lists
from pipelines.suggest.writing import Draft

_WIDE = 2
_MOST_PARTS = {"month": 12, "quarter": 4, "week": 53}
_NUMBERED = {"month": ("yyyy-m", "-"), "quarter": ("yyyy-q", "-"), "week": ("yyyy-w", "-")}
#: Forms of a part of a year together with its year.
_PARTS = (
    "yyyy mmm",
    "yyyy Qq",
    "yyyy Tt",
    "yyyy Tq",
    "yyyy q",
    "yyyy Ww",
    "yyyy 'vko' w",
    "yyyy 'vk' w",
    "yyyy 'M'mm",
)
_YEAR_FORM = "yyyy"
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


class Periods:
    """Where the periods of a table are, and how a mapping declares them."""

    def __init__(self, facts: Facts, numbers: Sequence[Column]) -> None:
        self.facts = facts
        self.numbers = numbers

    def of_headers(self) -> tuple[list[Column], str] | None:
        """The columns of numbers whose headers are periods or days, and the form of those; one that begins with a year
        and a space is of parts of a year whose year is elsewhere."""
        headers = [c.header for c in self.facts.columns]
        forms = dict.fromkeys(form for header in headers for form in date_forms([header]))
        for form in forms:
            found = [c for c in self._countable() if form in date_forms([c.header])]
            if len(found) >= _WIDE and len(found) >= len(self.numbers) / 2:
                return found, form
        years = self._years_within()
        if years:
            return list(years.values()), _YEAR_FORM
        for form in _PARTS:
            found = [c for c in self._countable() if form in date_forms([f"2024 {c.header}"])]
            numbered = all(c.header.isdecimal() for c in found)
            if len(found) > _WIDE and len(found) >= len(self.numbers) / 2 and not numbered:
                return found, form
        return None

    def _years_within(self) -> dict[str, Column]:
        """Columns by the year that their header has with the same words: of several words those of a total."""
        by_words: dict[str, dict[str, Column]] = {}
        for column in self._countable():
            years = _YEAR.findall(column.header)
            if len(years) == 1:
                words = _YEAR.sub("", column.header).strip(" ,:()-–")
                by_words.setdefault(words, {})[years[0]] = column
        wide = {words: found for words, found in by_words.items() if len(found) >= _WIDE}
        totals = [found for words, found in wide.items() if is_total(words)]
        if len(totals) == 1:
            return totals[0]
        return next(iter(wide.values())) if len(wide) == 1 else {}

    def _countable(self) -> list[Column]:
        return [c for c in self.facts.columns if c in self.numbers or not c.filled]

    def unpivot(self, draft: Draft, wide: tuple[list[Column], str]) -> None:
        columns, form = wide
        facts = self.facts
        name, value = facts.new("period"), facts.new("number")
        draft.unpivot([c.header for c in columns], name, value)
        if form == _YEAR_FORM and not all(c.header.isdecimal() for c in columns):
            draft.years = [_YEAR.findall(c.header)[0] for c in columns]
            self._dated(draft, name, (form,))
            return
        if all(form in date_forms([c.header]) for c in columns):
            self._dated(draft, name, (form,))
            return
        whole = facts.new("when")
        year = next((c for c in facts.columns if c.form == "yyyy" and facts.joins(c)), None)
        years = {found for text in (facts.file_name, *facts.titles) for found in _YEAR.findall(text)}
        if year is not None:
            draft.joins[whole] = "{" + year.header + "} {" + name + "}"
            draft.used.add(year.header)
        elif len(years) == 1:
            draft.joins[whole] = f"{years.pop()} {{{name}}}"
            draft.joins_assumed = facts.say("assumed")
        else:
            draft.joins_open = f'# "{whole}" = "YYYY {{{name}}}"   # {facts.say("year")}'
        self._dated(draft, whole, (form,))

    def of_rows(self, draft: Draft) -> None:
        facts = self.facts
        year = next((c for c in facts.columns if c.form == "yyyy" and facts.joins(c)), None)
        part = self._part_of_year(year)
        if year is not None and part is not None:
            column, form, between = part
            name = facts.new("when")
            draft.joins[name] = "{" + year.header + "}" + between + "{" + column.header + "}"
            draft.used |= {year.header, column.header}
            self._dated(draft, name, (form,))
            return
        dated = [c for c in facts.columns if c.form and c.filled > c.rows / 2]
        period = facts.best("period", lambda c: c in dated) or next(iter(dated), None)
        if period is None or period.form is None:
            facts.undecided(draft, "snapshot_on" if draft.dataset == "queue_counts" else "period_start")
            return
        draft.used.add(period.header)
        self._dated(draft, period.header, period.forms)
        if period.words:
            draft.leave_out(period.header, period.words)
        if draft.dataset != "figures":
            return
        end = next((c for c in dated if c.is_day and period.is_day and c.header != period.header), None)
        if end is not None:
            draft.columns["period_end"] = end.header
            draft.used.add(end.header)
            draft.formats += end.forms

    def _dated(self, draft: Draft, header: str, forms: Sequence[str]) -> None:
        draft.formats += forms
        if draft.dataset == "queue_counts":
            draft.columns["snapshot_on"] = header
            if not names_day(forms[0]):
                draft.sections.append(f'[dates.snapshot_on]\nday = "last"   # {self.facts.say("assumed")}')
        else:
            draft.columns |= {"period_start": header, "period_end": header}

    def _part_of_year(self, year: Column | None) -> tuple[Column, str, str] | None:
        """A column of months, quarters or weeks, its form joined with the year, and the separator of the two."""
        if year is None:
            return None
        for part, words in word_lists()["parts"].items():
            for column in self.facts.columns:
                if part == "year" or column.form or not column.texts or not self.facts.joins(column):
                    continue
                if not words_match(column.header, words):
                    continue
                values = [t.removesuffix(".0") for t in column.texts]
                if all(v.isdecimal() and 1 <= int(v) <= _MOST_PARTS[part] for v in values):
                    return column, *_NUMBERED[part]
                for form in _PARTS:
                    if form in date_forms([f"2024 {v}" for v in values]):
                        return column, form, " "
        return None
