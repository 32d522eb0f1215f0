"""What indicators can be split and filtered by, each declared once in `dimensions.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from indicators.catalogue.languages import WRITTEN_LANGUAGES, in_every_language
from indicators.catalogue.places import read_toml

#: The code where the source has none.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Dimension:
    """One dimension: the datasets whose rows have it, the name of its filter in an address (None: no filter), its title."""

    name: str
    datasets: tuple[str, ...]
    address: str | None
    title: Mapping[str, str]


def _read() -> Mapping[str, Dimension]:
    written = read_toml(Path(__file__).with_name("dimensions.toml"))
    return MappingProxyType(
        {
            name: Dimension(
                name,
                tuple(one["datasets"]),
                one.get("address"),
                in_every_language({language: one[language] for language in WRITTEN_LANGUAGES}),
            )
            for name, one in written.items()
        }
    )


#: Every dimension by name, in the order in which splits are offered.
DIMENSIONS = _read()


def splits_of(dataset: str) -> tuple[str, ...]:
    """What indicators of the rows of a dataset can be split and filtered by.

    >>> splits_of("figures")
    ('service', 'area')
    """
    return tuple(name for name, one in DIMENSIONS.items() if dataset in one.datasets)


def filters_of(dataset: str) -> tuple[str, ...]:
    """The dimensions of a dataset that pages offer as filters, the area first."""
    offered = [name for name in splits_of(dataset) if DIMENSIONS[name].address is not None]
    return tuple(sorted(offered, key=lambda name: name != "area"))
