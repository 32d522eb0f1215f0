"""Which columns could tell who a person is: those mapped to the person or the birth date, and those made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from indicators.catalogue.datasets import DATASETS, TEXT
from pipelines.checking.fields import FIELDS
from pipelines.mapping.shape import Shape
from pipelines.warehouse.scales import fold

#: The fields of which only a pseudonym or a group is stored; and the person alone, who may be an identity code.
PERSONAL = ("person", "birth_date")
PERSON = ("person",)
#: What may be read from a column that could tell who a person is, besides keys: none of it is stored as it is written.
_MAY_READ = {*PERSONAL, "birth_year", "age"}


def keys_of_rows(dataset: str) -> frozenset[str]:
    """The fields with the id that a source gives a row: of a personal column a pseudonym is stored.

    >>> sorted(keys_of_rows("queue")), sorted(keys_of_rows("figures"))
    (['entry_id'], [])
    """
    known = DATASETS[dataset]
    texts = {field.name for field in FIELDS[dataset] if field.kind == TEXT}
    return frozenset(texts & set(known.key)) if known.row_level else frozenset()


def personal_headers(
    mapped: Collection[Mapping[str, tuple[str, ...]]], shape: Shape, fields: Collection[str] = PERSONAL
) -> frozenset[str]:
    """Return the folded headers of the columns mapped to one of `fields`, and of those made of such columns.

    `mapped` are the headers by field of each layout. Of a person who is made of one column, that column is one too; of
    several, any column made of all of them.
    """
    found = {fold(h) for columns in mapped for name in fields for h in columns.get(name, ())}
    made = {fold(name): frozenset(map(fold, headers)) for name, headers in shape.made_of.items()}
    whole = [made[name] for name in found if name in made]
    found |= {header for headers in whole if len(headers) == 1 for header in headers}
    while True:
        further = {
            name
            for name, headers in made.items()
            if headers & found or any(one and one <= headers for one in whole)
        } - found
        if not further:
            return frozenset(found)
        found |= further


def misused(dataset: str, columns: Mapping[str, tuple[str, ...]], personal: Collection[str]) -> Iterator[str]:
    """The fields that would store what a personal column says as it is written."""
    allowed = _MAY_READ | keys_of_rows(dataset)
    for name, headers in columns.items():
        if name not in allowed and any(fold(header) in personal for header in headers):
            yield name
