"""From the headers of a file to its source and layout version."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicators.catalogue.datasets import DATASETS, TEXT
from pipelines.checking.fields import FIELDS
from pipelines.findings import Finding, RefusedFile, finding
from pipelines.mapping.personal_columns import PERSON, PERSONAL
from pipelines.mapping.source import Source
from pipelines.warehouse.scales import fold

#: A file that lacks a required column is still taken for the layout if it has this share of the others.
_ALIKE = 0.6
#: The nearest layout is named where at least this share of its columns is there: else it has nothing to do with it.
_NEAREST = 0.5
#: Below this likeness the nearest header is not named: it would be no help.
_NEAR = 0.6


@dataclass(frozen=True)
class Recognised:
    """The source and layout of a file. `columns` are, per output's dataset, the positions of each field's headers in
    order of preference; `when` the positions of the (folded) headers of conditions. Positions beyond the file's
    headers are those of made columns; `shaping` those of the columns they are made of.
    """

    source: Source
    version: str
    columns: Mapping[str, Mapping[str, tuple[int, ...]]]
    when: Mapping[str, int]
    findings: tuple[Finding, ...]
    shaping: frozenset[int] = frozenset()
    personal: frozenset[int] = frozenset()
    persons: frozenset[int] = frozenset()

    def refusal(
        self, findings: Iterable[Finding], rows_read: int = 0, rows_quarantined: int = 0
    ) -> RefusedFile:
        """Return the refusal of a file of this source and layout."""
        return RefusedFile(
            findings,
            source=self.source.name,
            layout=self.version,
            dataset=self.source.dataset,
            rows_read=rows_read,
            rows_quarantined=rows_quarantined,
        )

    @property
    def free_text(self) -> frozenset[int]:
        """Positions of the columns that hold names and free text, not ids and codes."""
        return frozenset(
            at
            for dataset, columns in self.columns.items()
            for field in FIELDS[dataset]
            if field.kind == TEXT and field.name not in DATASETS[dataset].key
            for at in columns.get(field.name, ())
        )

    @property
    def used(self) -> Mapping[int, bool]:
        """The positions of every column the mapping uses, and whether it could tell who a person is."""
        mapped = [at for columns in self.columns.values() for found in columns.values() for at in found]
        return {at: at in self.personal for at in (*mapped, *self.when.values())}


def fits(headers: Sequence[str], sources: Iterable[Source]) -> bool:
    """Whether the headers are those of a layout of one of the sources."""
    return any(not candidate.lacking for candidate in _candidates(headers, sources))


def _candidates(headers: Sequence[str], sources: Iterable[Source]) -> list[_Candidate]:
    """Return every layout of the sources, compared with the headers of a file and the columns its mapping makes."""
    plain = _positions(headers)
    return [
        _Candidate.of(source, version, _positions(headers, source.shape.made) if source.shape else plain)
        for source in sources
        for version in source.versions
    ]


def _shape_columns(source: Source, headers: Sequence[str]) -> tuple[str, ...]:
    """The headers of the file that the shape of a mapping needs, once each."""
    if not source.shape:
        return ()
    divided = source.shape.divided(headers, tuple(source.named_headers))
    made = set(map(fold, source.shape.made))
    needed = [header for group in divided.values() for header in group]
    needed += [header for header in source.shape.looks_at() if fold(header) not in made]
    return tuple(dict.fromkeys(needed))


def _positions(headers: Sequence[str], made: Sequence[str] = ()) -> dict[str, list[int]]:
    at: dict[str, list[int]] = {}
    for position, header in enumerate((*headers, *made)):
        if header:
            at.setdefault(fold(header), []).append(position)
    return at


def recognise(headers: Sequence[str], sources: Iterable[Source]) -> Recognised:
    """Return the source and layout version that the headers fit best. Raises RefusedFile."""
    candidates = _candidates(headers, sources)
    fitting = [candidate for candidate in candidates if not candidate.lacking]
    if not fitting:
        raise RefusedFile(_nearest(candidates, headers))
    best = max(fitting, key=lambda candidate: (candidate.hits, -len(candidate.absent), candidate.version))
    at = best.at
    needed = _shape_columns(best.source, headers)
    shaping = frozenset(at[fold(header)][0] for header in needed)
    personal, persons = (
        frozenset(at[header][0] for header in best.source.personal(fields) if header in at)
        for fields in (PERSONAL, PERSON)
    )
    result = Recognised(
        best.source, best.version, best.columns(at), best.whens(at), (), shaping, personal, persons
    )
    used = {*result.used, *shaping}
    every = (*headers, *best.source.shape.made)
    doubled = [every[position] for position in sorted(used) if len(at[fold(every[position])]) > 1]
    if doubled:
        raise result.refusal(
            finding("duplicate_column", count=len(doubled), column=header) for header in doubled
        )
    notes = []
    ignored = [
        header or f"({position + 1})" for position, header in enumerate(headers) if position not in used
    ]
    if ignored:
        notes.append(finding("ignored_column", count=len(ignored), columns=ignored))
    if best.absent:
        notes.append(finding("absent_column", count=len(best.absent), columns=list(best.absent)))
    return dataclasses.replace(result, findings=tuple(notes))


@dataclass(frozen=True)
class _Candidate:
    source: Source
    version: str
    hits: int
    absent: tuple[str, ...]
    lacking: tuple[str, ...]
    at: Mapping[str, list[int]]

    @classmethod
    def of(cls, source: Source, version: str, at: Mapping[str, list[int]]) -> _Candidate:
        hits: set[str] = set()
        absent: list[str] = []
        lacking: list[str] = []
        for output in source.outputs:
            columns = output.versions[version]
            found = {
                field: [header for header in wanted if fold(header) in at]
                for field, wanted in columns.items()
            }
            for group in output.required_groups():
                if not any(found.get(field) or field in output.given for field in group):
                    lacking.append(next((columns[field] for field in group if field in columns), group)[0])
            absent += [columns[field][0] for field, present in found.items() if not present]
            hits |= {fold(header) for present in found.values() for header in present}
        made = set(map(fold, source.shape.made))
        headers = [header for header in at if header not in made]
        lacking += [header for header in _shape_columns(source, headers) if fold(header) not in at]
        return cls(
            source,
            version,
            len(hits),
            tuple(dict.fromkeys(header for header in absent if header not in lacking)),
            tuple(dict.fromkeys(lacking)),
            at,
        )

    def columns(self, at: Mapping[str, list[int]]) -> dict[str, dict[str, tuple[int, ...]]]:
        found: dict[str, dict[str, tuple[int, ...]]] = {}
        for output in self.source.outputs:
            positions = {
                field: tuple(at[fold(header)][0] for header in wanted if fold(header) in at)
                for field, wanted in output.versions[self.version].items()
            }
            found[output.dataset] = {field: present for field, present in positions.items() if present}
        return found

    def whens(self, at: Mapping[str, list[int]]) -> dict[str, int]:
        columns = {fold(c.column) for output in self.source.outputs for c in output.conditions}
        return {column: at[column][0] for column in columns if column in at}

    @property
    def likeness(self) -> float:
        return self.hits / max(self.hits + len(self.absent) + len(self.lacking), 1)


def _nearest(candidates: Sequence[_Candidate], headers: Sequence[str]) -> list[Finding]:
    """Return why nothing fits: the columns that the nearest layout lacks, or that no layout is near.

    Of the file's headers only those like one of ours are quoted: without a header row they would be data.
    """
    if not candidates:
        return [finding("unknown_layout", reason="none")]
    best = max(candidates, key=lambda candidate: (candidate.likeness, -len(candidate.lacking)))
    if best.likeness < _ALIKE and len({candidate.source.name for candidate in candidates}) > 1:
        if best.likeness < _NEAREST:
            return [finding("unknown_layout", reason="none")]
        missing = list(best.lacking)
        return [finding("unknown_layout", reason="near", nearest=best.source.name, missing=missing)]
    folded = {fold(header): header for header in headers}
    found = []
    for column in best.lacking:
        near = difflib.get_close_matches(fold(column), folded, n=1, cutoff=_NEAR)
        found.append(
            finding(
                "missing_column",
                column=column,
                source=best.source.name,
                nearest=folded[near[0]] if near else None,
            )
        )
    return found
