"""A file that is to be loaded, what the person says about it, and what is known before it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from indicators.catalogue.errors import UsageError
from pipelines.checking.codes import Indicator
from pipelines.mapping.source import Source
from pipelines.warehouse.records import CodeRow

Window = tuple[date, date]


@dataclass(frozen=True)
class LoadOptions:
    """What the person says about a file; None means: detect it.

    `area` is the origin of the file, `window` the first and last day it covers in full, `scope` whether for the units
    in it or the whole origin. `force` loads in spite of too many bad rows; `published` holds for queue counts that do
    not say it themselves.
    """

    source: str | None = None
    mapping: Source | None = None
    area: str | None = None
    as_of: date | None = None
    window: Window | None = None
    scope: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    separator: str | None = None
    force: bool = False
    published: bool = False
    demo: bool = False
    loaded_by: str = ""

    def check(self) -> None:
        """Raise UsageError where the options contradict each other or are none of those known."""
        if self.source is not None and self.mapping is not None:
            raise UsageError("source_and_mapping")
        if self.window is not None and self.window[0] > self.window[1]:
            raise UsageError("bad_window_option", value=f"{self.window[0]}..{self.window[1]}")
        if self.scope not in (None, "units", "origin"):
            raise UsageError("bad_scope_option", value=self.scope)


@dataclass
class Extract:
    """A file: its name, its bytes until it has been read, the area it comes from, and what the person says about it."""

    name: str
    data: bytes = field(repr=False)
    origin: str
    options: LoadOptions = LoadOptions()

    def release(self) -> None:
        """Let go of the bytes: what follows the reading of a large file needs their memory, and never them."""
        self.data = b""


@dataclass(frozen=True)
class KnownData:
    """What is known before a file is read: the mappings, the code map in force, and the units and measures published."""

    sources: Mapping[str, Source]
    code_map: Sequence[CodeRow] = ()
    units: AbstractSet[str] = frozenset()
    measures: Mapping[str, Indicator] = field(default_factory=dict)

    def candidates(self, options: LoadOptions) -> tuple[Source, ...]:
        """Return the mappings a file may have. Raises UsageError for an unknown source."""
        if options.mapping is not None:
            return (options.mapping,)
        if options.source is None:
            return tuple(self.sources.values())
        if options.source not in self.sources:
            raise UsageError("unknown_source", source=options.source, known=", ".join(sorted(self.sources)))
        return (self.sources[options.source],)
