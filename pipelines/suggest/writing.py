"""A first mapping as TOML with comments, from what is known of a file."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipelines.findings import RefusedFile
from pipelines.identity_codes import holds_hetu, mask
from pipelines.mapping.files import all_sources
from pipelines.mapping.recognise import recognise
from pipelines.reading.dates import names_two_years
from pipelines.reading.options import ReadingOptions
from pipelines.reading.periods import month_number
from pipelines.suggest.columns import Column

#: A day or year in a file's name, a numbered week, month, quarter, third or half, and a version.
_PERIOD = re.compile(
    r"(?:19|20)\d{2}(?:\d{2}){0,2}|(?:(?:19|20)\d{2})?(?:vko?|viikko|week|wk?|vecka|v|kk|m|q|kv|t|h)\d{1,2}"
)


@dataclass
class Draft:
    """A mapping in the making; lines that begin with # are comments."""

    dataset: str
    columns: dict[str, str] = field(default_factory=dict)
    columns_notes: list[str] = field(default_factory=list)
    assumed: set[str] = field(default_factory=set)
    constants: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    possible: dict[str, list[str]] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    unpivoted: list[tuple[list[str], str, str]] = field(default_factory=list)
    years: list[str] = field(default_factory=list)
    joins: dict[str, str] = field(default_factory=dict)
    joins_assumed: str = ""
    joins_open: str = ""
    adds: dict[str, list[str]] = field(default_factory=dict)
    add_note: str = ""
    group_by: list[str] = field(default_factory=list)
    sums: dict[str, str] = field(default_factory=dict)
    sums_when: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    group_note: str = ""
    beyond: str | None = None
    left_out: dict[str, list[str]] = field(default_factory=dict)
    taken: dict[str, list[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @property
    def cell(self) -> str | None:
        """The made column that the cells of unpivoted columns go into."""
        return self.unpivoted[0][2] if self.unpivoted else None

    def take(self, name: str, column: Column) -> None:
        self.columns[name] = column.header
        self.used.add(column.header)
        self.formats += [form for form in column.forms if form not in self.formats]

    def unpivot(self, headers: Sequence[str], name: str, value: str) -> None:
        self.unpivoted.append((list(headers), name, value))
        self.where.append(quoted(value))
        self.used |= set(headers)

    def leave_out(self, header: str, texts: Sequence[str]) -> None:
        """Rows with one of these texts do not belong."""
        self.left_out.setdefault(header, []).extend(texts)

    def selected_rows(self, columns: Mapping[str, Column]) -> np.ndarray | None:
        """Which rows are not left out because of what they are called; None: all."""
        selected: np.ndarray | None = None
        for by_header, wanted in ((self.left_out, False), (self.taken, True)):
            for header, texts in by_header.items():
                column = columns[header]
                fits = np.isin(column.codes, [column.code_of(text) for text in texts]) == wanted
                selected = fits if selected is None else selected & fits
        return selected

    def shape(self) -> list[str]:
        """The sections that give the table its shape."""
        found = [
            "\n".join(
                [
                    f"[unpivot]\nname = {quoted(name)}\nvalue = {quoted(value)}\n\n[unpivot.columns]",
                    *(f"{year} = {quoted(header)}" for year, header in zip(self.years, headers, strict=True)),
                ]
            )
            if self.years
            else f"[unpivot]\ncolumns = [{_listed(headers)}]\nname = {quoted(name)}\nvalue = {quoted(value)}"
            for headers, name, value in self.unpivoted
        ]
        if self.joins or self.joins_open:
            note = f"   # {self.joins_assumed}" if self.joins_assumed else ""
            lines = [f"{quoted(name)} = {quoted(text)}{note}" for name, text in self.joins.items()]
            found.append("\n".join(["[join]", *lines, *filter(None, [self.joins_open])]))
        if self.adds:
            lines = [f"{quoted(name)} = [{_listed(headers)}]" for name, headers in self.adds.items()]
            found.append("\n".join([*([f"# {self.add_note}"] if self.add_note else []), "[add]", *lines]))
        if self.group_by:
            lines = [f"{quoted(name)} = {self._sum(name, column)}" for name, column in self.sums.items()]
            found.append(
                "\n".join(
                    [
                        f"# {self.group_note}",
                        "[group]",
                        f"by = [{_listed(self.group_by)}]",
                        "",
                        "[group.sum]",
                        *lines,
                    ]
                )
            )
        return found

    def _sum(self, name: str, column: str) -> str:
        if name not in self.sums_when:
            return quoted(column)
        header, texts = self.sums_when[name]
        return f"{{ column = {quoted(column)}, when = {{ column = {quoted(header)}, is = [{_listed(texts)}] }} }}"

    def conditions(self) -> list[str]:
        return [
            *(
                f"{{ column = {quoted(h)}, is_not = [{_listed(texts)}] }}"
                for h, texts in self.left_out.items()
            ),
            *(f"{{ column = {quoted(h)}, is = [{_listed(texts)}] }}" for h, texts in self.taken.items()),
            *self.where,
        ]


def written(
    draft: Draft,
    columns: Sequence[Column],
    headers: Sequence[str],
    options: ReadingOptions,
    file_name: str,
    say: Callable[..., str],
) -> str:
    """The mapping as TOML."""
    head = [f"# {say('head', file=plain(file_name))}"]
    known = _known_source(headers)
    if known is not None:
        head.append(f"# {say('known', source=known)}")
    lines = [*head, f"name = {quoted(source_name(file_name))}   # {say('name')}"]
    lines.append(f"dataset = {quoted(draft.dataset)}")
    if draft.formats:
        lines.append(f"date_formats = [{', '.join(map(quoted, dict.fromkeys(draft.formats)))}]")
    lines += [
        f"# {plain(c.header)}: {say('forms', form=c.other_form)}"
        for c in columns
        if c.header in draft.used and c.other_form
    ]
    if draft.fill_down:
        lines.append(f"fill_down = [{_listed(draft.fill_down)}]   # {say('assumed')}")
    conditions = draft.conditions()
    if conditions:
        lines.append(f"where = [{', '.join(conditions)}]")
    unused = [c.header for c in columns if c.header not in draft.used]
    if unused:
        lines.append(f"# {say('unused', columns=', '.join(map(plain, unused)))}")
    lines += ["", "[columns]"]
    for name, header in draft.columns.items():
        lines.append(
            f"{name} = {_header(header)}" + (f"   # {say('assumed')}" if name in draft.assumed else "")
        )
    lines += draft.columns_notes
    if draft.beyond is not None:
        lines.append(f"# over_limit = {quoted(draft.beyond)}   # {say('beyond')}")
    if draft.constants:
        lines += ["", "[constants]", *draft.constants]
    for section in (*draft.shape(), *draft.sections):
        lines += ["", section]
    for domain in dict.fromkeys((*draft.values, *draft.unknown, *draft.ours)):
        lines += _codes(draft, domain)
    lines += ["", *draft.notes] if draft.notes else []
    reading = _reading(draft, columns, options, say)
    lines += ["", "[reading]", *reading] if reading else []
    return "\n".join(lines) + "\n"


def source_name(file_name: str) -> str:
    """The name of the source of a file: that of the file without the days and periods in it, so that later files have the same.

    >>> source_name("kaynnit_20250331.csv"), source_name("2025.csv"), source_name("exreport_jono.csv")
    ('kaynnit', 'mapping', 'own_exreport_jono')
    >>> source_name("kaynnit_huhtikuu.csv"), source_name("2026-04 käynnit.csv"), source_name("jono_vk14_2026_v2.csv")
    ('kaynnit', 'käynnit', 'jono')
    """
    stem = mask(file_name).rpartition(".")[0]
    words = [word for word in re.split(r"[\W_]+", stem) if word]
    dated = [_is_period(word) for word in words]
    # A day or a month of one or two digits stands beside a year or another of them.
    for at in (*range(len(words)), *reversed(range(len(words)))):
        beside = any(dated[max(at - 1, 0) : at + 2])
        dated[at] = dated[at] or (beside and bool(re.fullmatch(r"\d{1,2}", words[at])))
    if any(dated):
        stem = "_".join(word for word, is_dated in zip(words, dated, strict=True) if not is_dated)
    name = re.sub(r"[\W\d_]+$", "", stem) or "mapping"
    return f"own_{name}" if name in all_sources() else name


def _is_period(word: str) -> bool:
    """Whether a word of a file's name is a day, a year, a month, a week, a quarter or a version."""
    return bool(month_number(unicodedata.normalize("NFC", word)) or _PERIOD.fullmatch(word.casefold()))


def _codes(draft: Draft, domain: str) -> list[str]:
    """The codes of a list: those with a meaning, and a line to fill in for each of the others."""
    codes, unknown = draft.values.get(domain, {}), draft.unknown.get(domain, ())
    ours = [f"# {draft.ours[domain]}"] if domain in draft.ours else []
    if not codes and not unknown:
        return ["", *ours] if ours else []
    lines = ["", *ours, f"[values.{domain}]", *(f"{quoted(t)} = {quoted(c)}" for t, c in codes.items())]
    if unknown:
        lines += [f"# {line}" for line in draft.possible[domain]]
        lines += [f'# {quoted(plain(text))} = ""' for text in unknown]
    return lines


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(map(quoted, texts))


def _known_source(headers: Sequence[str]) -> str | None:
    try:
        return recognise(headers, all_sources().values()).source.name
    except RefusedFile:
        return None


def _reading(
    draft: Draft, columns: Sequence[Column], options: ReadingOptions, say: Callable[..., str]
) -> list[str]:
    lines = []
    if options.sheet is not None:
        lines.append(f"sheet = {quoted(options.sheet)}")
    if options.header_row is not None:
        lines.append(f"header_row = {options.header_row}")
    taken = {*draft.columns.values(), *draft.sums.values()}
    taken |= {h for headers in draft.adds.values() for h in headers}
    taken |= {h for headers, _, _ in draft.unpivoted for h in headers}
    numbers = [c for c in columns if c.is_number and c.header in taken]
    sign = next((c.thousands for c in numbers if c.thousands), None)
    if sign is not None:
        lines.append(f"thousands = {quoted(sign)}")
    marks = sorted({mark for c in numbers if not c.form for mark in c.marks if not holds_hetu(mark)})
    if marks:
        lines.append(f"missing = [{', '.join(map(quoted, marks))}]   # {say('marks')}")
    if options.end_notes:
        lines.append("end_notes = true")
    if any(map(names_two_years, draft.formats)):
        lines.append(f"year_starts = 4   # {say('assumed')}")
    return lines


def quoted(written: str) -> str:
    return json.dumps(written, ensure_ascii=False)


def _header(header: str) -> str:
    """A header as a mapping names it; one with a bar in it is put in a list, where it separates nothing."""
    return f"[{quoted(header)}]" if "|" in header else quoted(header)


def plain(written: str) -> str:
    """A text that stays on the line of a comment."""
    return "".join(sign if sign.isprintable() else " " for sign in written)
