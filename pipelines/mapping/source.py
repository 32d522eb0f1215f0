"""What is known of a source's files, as data.

A file usually brings one dataset. Where a row of theirs means several of ours, the mapping has an output for each: its
dataset, its columns, and the condition under which a row belongs to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from indicators.catalogue.datasets import CODE
from pipelines.checking.fields import FIELDS, required_columns
from pipelines.mapping.conditions import Condition
from pipelines.mapping.personal_columns import PERSONAL, personal_headers
from pipelines.mapping.shape import NO_SHAPE, Shape
from pipelines.reading.dates import DayTaken
from pipelines.reading.options import NOTHING_DECLARED, ReadingOptions
from pipelines.warehouse.records import CodeRow


@dataclass(frozen=True)
class SetRule:
    """Gives a field a value where its conditions hold: a text, or what `taken_from` names (the extract's date).

    The first rule of a field that applies counts, before its column.
    """

    field: str
    value: str
    when: tuple[Condition, ...]
    taken_from: str | None = None


@dataclass(frozen=True)
class Output:
    """What a file's rows become in one dataset.

    `versions` has, per layout version, the headers of each field in order of preference. A row belongs to the output
    where all conditions of `where` hold. `required` are further required fields; `window` is the date field of a stated
    window. `dates` is which day of a period a date field takes.
    """

    dataset: str
    versions: Mapping[str, Mapping[str, tuple[str, ...]]]
    constants: Mapping[str, str]
    set_rules: tuple[SetRule, ...]
    where: tuple[Condition, ...]
    required: frozenset[str]
    window: str | None
    dates: Mapping[str, DayTaken] = dataclasses.field(default_factory=lambda: MappingProxyType({}))

    @property
    def given(self) -> frozenset[str]:
        """Fields that have a value even where no column is mapped."""
        return frozenset(self.constants) | {rule.field for rule in self.set_rules}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that looks at a column, of the output and of its rules."""
        return (*self.where, *(condition for rule in self.set_rules for condition in rule.when))

    def required_groups(self) -> tuple[tuple[str, ...], ...]:
        """The fields a layout must have: of each group at least one."""
        return (*required_columns(self.dataset), *((name,) for name in sorted(self.required)))


@dataclass(frozen=True)
class Source:
    """Everything known of one source's files: `outputs`, the main dataset first; `values`, by domain their code → ours."""

    name: str
    system: str
    titles: Mapping[str, str]
    file_scope: str
    person_id_space: str
    outputs: tuple[Output, ...]
    values: Mapping[str, Mapping[str, str]]
    date_formats: tuple[str, ...]
    encoding: str | None
    separator: str | None
    reading: ReadingOptions = NOTHING_DECLARED
    shape: Shape = NO_SHAPE

    @property
    def named_headers(self) -> frozenset[str]:
        """Every header that the outputs name, of columns of the file or made ones."""
        mapped = {
            header
            for output in self.outputs
            for columns in output.versions.values()
            for headers in columns.values()
            for header in headers
        }
        return frozenset(mapped | {c.column for output in self.outputs for c in output.conditions})

    def personal(self, fields: Collection[str] = PERSONAL) -> frozenset[str]:
        """Return the folded headers of columns that could tell who a person is: see `personal_headers`."""
        mapped = [columns for output in self.outputs for columns in output.versions.values()]
        return personal_headers(mapped, self.shape, fields)

    @property
    def dataset(self) -> str:
        """The main dataset."""
        return self.outputs[0].dataset

    @property
    def versions(self) -> tuple[str, ...]:
        """The layout versions, the same for every output."""
        return tuple(self.outputs[0].versions)

    def code_map_rows(self) -> tuple[CodeRow, ...]:
        """The value maps as rows of the code map: (source, domain, code, our_code, valid_from, valid_to)."""
        domains = {
            field.domain for out in self.outputs for field in FIELDS[out.dataset] if field.kind == CODE
        }
        return tuple(
            (self.name, domain, code, ours, None, None)
            for domain, codes in sorted(self.values.items())
            if domain in domains
            for code, ours in codes.items()
        )
