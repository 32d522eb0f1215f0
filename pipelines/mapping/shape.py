"""The shape a mapping declares for a table: columns that become rows, columns made of others, rows added up.

Made columns are named like columns of the file. Order: `fill_down`, `unpivot`, `join`, `add`, `group`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from pipelines.mapping.conditions import Condition, parse_conditions, plain_but_stars
from pipelines.mapping.faults import Fault
from pipelines.warehouse.scales import fold

_SHAPE_KEYS = {"fill_down", "unpivot", "join", "add", "group"}
_UNPIVOT_KEYS = {"columns", "name", "value"}
_GROUP_KEYS = {"by", "sum"}
#: A header within the text of a joined column.
_HEADER = re.compile(r"\{([^{}]+)\}")
_ANY = "*"


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: each row of the file becomes one for each of `groups`.

    `groups` has, by the value of the made column `name`, the headers whose cells go into the made columns `values`. A
    `*` in a header matches all such headers that the mapping does not name itself.
    """

    name: str
    values: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Sum:
    """A column made by adding up another over the rows of a group in which the conditions hold."""

    name: str
    column: str
    when: tuple[Condition, ...]


@dataclass(frozen=True)
class Group:
    """Rows that agree in the columns `by` become one row."""

    by: tuple[str, ...]
    sums: tuple[Sum, ...]


@dataclass(frozen=True)
class Shape:
    """How rows and columns are changed before fields are looked up: `fill_down` headers whose blank cells repeat the
    value above; by made column `joins`, texts with headers in braces, and `adds`, headers of numbers to add up.
    """

    fill_down: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    joins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    adds: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    group: Group | None = None

    def __bool__(self) -> bool:
        return bool(self.fill_down or self.unpivot or self.joins or self.adds or self.group)

    @property
    def made(self) -> tuple[str, ...]:
        """The columns made, in the order in which they are added to those of the file."""
        unpivoted = (self.unpivot.name, *self.unpivot.values) if self.unpivot else ()
        summed = tuple(one.name for one in self.group.sums) if self.group else ()
        return (*unpivoted, *self.joins, *self.adds, *summed)

    @property
    def made_of(self) -> Mapping[str, tuple[str, ...]]:
        """The headers that each column with texts or numbers of others is made of, made ones among them."""
        found: dict[str, tuple[str, ...]] = {}
        if self.unpivot:
            cells = zip(self.unpivot.values, zip(*self.unpivot.groups.values(), strict=True), strict=True)
            found |= dict(cells)
        found |= {name: tuple(_HEADER.findall(text)) for name, text in self.joins.items()}
        found |= self.adds
        return found | ({one.name: (one.column,) for one in self.group.sums} if self.group else {})

    def sources_of(self, name: str) -> tuple[str, ...]:
        """The headers of the file that a column is made of; its own where it is not made."""
        headers = {fold(made): of for made, of in self.made_of.items()}.get(fold(name))
        return (
            (name,)
            if headers is None
            else tuple(dict.fromkeys(h for of in headers for h in self.sources_of(of)))
        )

    def looks_at(self) -> Iterator[str]:
        """The headers of which columns are made or rows grouped, without those of `unpivot`."""
        yield from self.fill_down
        for text in self.joins.values():
            yield from _HEADER.findall(text)
        for headers in self.adds.values():
            yield from headers
        if self.group:
            yield from self.group.by
            for one in self.group.sums:
                yield from (one.column, *(condition.column for condition in one.when))

    def divided(self, headers: Sequence[str], named: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the headers of `unpivot` as they are in a file, by the value of the column `name`.

        No `*` matches the headers `named` by the mapping. What is not in the file stays as declared.
        """
        if self.unpivot is None:
            return {}
        taken = {fold(header) for header in (*named, *self.looks_at())}
        found: dict[str, tuple[str, ...]] = {}
        for name, wanted in self.unpivot.groups.items():
            if _ANY not in wanted[0]:
                found[name] = wanted
                continue
            pattern = plain_but_stars(fold(wanted[0]))
            there = [h for h in headers if h and fold(h) not in taken and fnmatchcase(fold(h), pattern)]
            found |= {header: (header,) for header in there or wanted}
        return found


NO_SHAPE = Shape()


def joined_parts(text: str) -> list[tuple[str, bool]]:
    """The text of a joined column in its headers (True) and the text between them (False).

    >>> joined_parts("{Vuosi}-W{Vko}")
    [('Vuosi', True), ('-W', False), ('Vko', True)]
    """
    return [(one, at % 2 == 1) for at, one in enumerate(_HEADER.split(text)) if one]


def shape_of(document: Mapping[str, Any], faults: list[str]) -> Shape:
    """The shape that a mapping declares; what is wrong with it is added to `faults`."""
    fill_down = _headers(document.get("fill_down", []))
    if "fill_down" in document and not fill_down:
        faults.append(Fault("list_of_headers", key="fill_down"))
    shape = Shape(
        fill_down or (),
        _unpivot(document["unpivot"], faults) if "unpivot" in document else None,
        MappingProxyType(_joins(document.get("join", {}), faults)),
        MappingProxyType(_adds(document.get("add", {}), faults)),
        _group(document["group"], faults) if "group" in document else None,
    )
    faults += _not_yet_made(shape)
    alike = [fold(name) for name in shape.made]
    faults += [Fault("twice_made", name=name) for name in sorted(set(alike)) if alike.count(name) > 1]
    if shape.group and "outputs" in document:
        faults.append(Fault("group_outputs"))
    return shape


def _not_yet_made(shape: Shape) -> Iterator[Fault]:
    """Yield the faults of columns made of one that is made after them, or of themselves."""
    unpivoted = set(shape.unpivot.values) if shape.unpivot else set()
    made_of = {name: headers for name, headers in shape.made_of.items() if name not in unpivoted}
    later = set(map(fold, made_of))
    for name, headers in made_of.items():
        yield from (
            Fault("not_yet_made", key=name, name=header) for header in headers if fold(header) in later
        )
        later.discard(fold(name))


def _unpivot(written: Any, faults: list[str]) -> Unpivot | None:
    if not isinstance(written, dict):
        faults.append(Fault("unpivot_table"))
        return None
    faults += [Fault("unknown_key", key=f"unpivot.{key}") for key in sorted(set(written) - _UNPIVOT_KEYS)]
    name, values = written.get("name"), _headers(written.get("value"))
    if not _is_header(name) or not values:
        faults.append(Fault("unpivot_names"))
        return None
    columns = written.get("columns")
    if isinstance(columns, dict):
        groups = {key: _headers(one) for key, one in columns.items()}
        if any(one is None or len(one) != len(values) or _ANY in "".join(one) for one in groups.values()):
            faults.append(Fault("unpivot_each", count=len(values)))
            return None
    else:
        headers = _headers(columns)
        groups = {header: (header,) for header in headers or ()}
        if groups and len(values) > 1:
            faults.append(Fault("unpivot_columns_table"))
            return None
    if not groups:
        faults.append(Fault("unpivot_columns_list"))
        return None
    return Unpivot(str(name), values, MappingProxyType({key: one or () for key, one in groups.items()}))


def _joins(written: Any, faults: list[str]) -> dict[str, str]:
    if not isinstance(written, dict) or not all(isinstance(text, str) for text in written.values()):
        faults.append(Fault("join_table"))
        return {}
    faults += [Fault("join_header", name=name) for name, text in written.items() if not _HEADER.search(text)]
    return dict(written)


def _adds(written: Any, faults: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(written, dict):
        faults.append(Fault("add_table"))
        return {}
    adds = {name: _headers(headers) for name, headers in written.items()}
    faults += [Fault("list_of_headers", key=f"add.{name}") for name, headers in adds.items() if not headers]
    return {name: headers for name, headers in adds.items() if headers}


def _group(written: Any, faults: list[str]) -> Group | None:
    if not isinstance(written, dict):
        faults.append(Fault("group_table"))
        return None
    faults += [Fault("unknown_key", key=f"group.{key}") for key in sorted(set(written) - _GROUP_KEYS)]
    by = _headers(written.get("by"))
    if not by:
        faults.append(Fault("list_of_headers", key="group.by"))
    sums = written.get("sum", {})
    if not isinstance(sums, dict):
        faults.append(Fault("sum_table"))
        return None
    made = []
    for name, one in sums.items():
        table = one if isinstance(one, dict) else {"column": one}
        if not _is_header(table.get("column")) or set(table) - {"column", "when"}:
            faults.append(Fault("sum_header", name=name))
            continue
        when = parse_conditions(table.get("when", []), f"group.sum.{name}: when", faults)
        made.append(Sum(name, table["column"], when))
    return Group(by or (), tuple(made))


def _is_header(written: Any) -> bool:
    return isinstance(written, str) and bool(written.strip())


def _headers(written: Any) -> tuple[str, ...] | None:
    """A header, or a list of them; None where it is neither."""
    listed = [written] if isinstance(written, str) else written
    if not isinstance(listed, list) or not listed or not all(_is_header(one) for one in listed):
        return None
    return tuple(one.strip() for one in listed)
