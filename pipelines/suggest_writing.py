"""A first mapping as TOML with comments, from what was found out of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipelines.findings import RefusedFile
from pipelines.mapping import all_sources
from pipelines.parsing import names_two_years
from pipelines.persons import holds_hetu
from pipelines.reading_options import ReadingOptions
from pipelines.recognise import recognise
from pipelines.suggest_columns import Column


@dataclass
class Draft:
    """A mapping while it is being put together; lines that begin with # are comments. `parts` are the headers that a made
    column is joined of."""

    dataset: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def take(self, name: str, column: Column) -> None:
        self.columns[name] = column.header
        self.used.add(column.header)
        self.formats += [form for form in column.forms if form not in self.formats]


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
    lines = [*head, f"dataset = {quoted(draft.dataset)}"]
    if draft.formats:
        lines.append(f"date_formats = [{', '.join(map(quoted, dict.fromkeys(draft.formats)))}]")
    lines += [
        f"# {plain(c.header)}: {say('forms', form=c.other_form)}"
        for c in columns
        if c.header in draft.used and c.other_form
    ]
    if draft.where:
        lines.append(f"where = [{', '.join(draft.where)}]")
    unused = [c.header for c in columns if c.header not in draft.used]
    if unused:
        lines.append(f"# {say('unused', columns=', '.join(map(plain, unused)))}")
    lines += ["", "[columns]", *(f"{name} = {_header(h)}" for name, h in draft.columns.items())]
    if draft.constants:
        lines += ["", "[constants]", *draft.constants]
    for section in draft.sections:
        lines += ["", section]
    for domain, codes in draft.values.items():
        if codes:
            lines += [
                "",
                f"[values.{domain}]",
                *(f"{quoted(t)} = {quoted(c)}" for t, c in codes.items()),
            ]
    lines += ["", *draft.notes] if draft.notes else []
    reading = _reading(draft, columns, options, say)
    lines += ["", "[reading]", *reading] if reading else []
    return "\n".join(lines) + "\n"


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
    numbers = [c for c in columns if c.is_number and c.header in draft.used]
    sign = next((c.thousands for c in numbers if c.thousands), None)
    if sign is not None:
        lines.append(f"thousands = {quoted(sign)}")
    marks = sorted({mark for c in numbers if not c.form for mark in c.marks if not holds_hetu(mark)})
    if marks:
        lines.append(f"missing = [{', '.join(map(quoted, marks))}]   # {say('marks')}")
    if any(map(names_two_years, draft.formats)):
        lines.append(f"year_starts = 4   # {say('assumed')}")
    return lines


def quoted(written: str) -> str:
    return json.dumps(written, ensure_ascii=False)


def _header(header: str) -> str:
    """A header as a mapping names it; one with a bar in it stands in a list, where it parts nothing."""
    return f"[{quoted(header)}]" if "|" in header else quoted(header)


def plain(written: str) -> str:
    """A text that stays on the line of a comment."""
    return "".join(sign if sign.isprintable() else " " for sign in written)
