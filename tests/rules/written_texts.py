"""Every text that a user reads, by language, from the files that carry them."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from indicators.catalogue.messages import catalogue_files
from tests.rules.repository import ROOT

FILES = (
    *sorted((ROOT / "indicators").rglob("*.toml")),
    *sorted((ROOT / "pipelines").glob("*.toml")),
    *(
        ROOT / "data" / "reference" / name
        for name in ("statutory_limits.csv", "codes.csv", "accessibility.toml")
    ),
    ROOT / "data" / "figures" / "annotations.csv",
)


def _written(tree: Any, language: str, *, said: bool = False) -> Iterator[str]:
    """The texts of a language in a tree of tables: under its code, or under a name that ends with it."""
    if isinstance(tree, str):
        if said:
            yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            # English is the key of what is written in other languages alone.
            if language == "en" and isinstance(value, dict) and "fi" in value and "en" not in value:
                yield key
            yield from _written(value, language, said=said or key == language or key.endswith(f"_{language}"))
    elif isinstance(tree, list):
        for value in tree:
            yield from _written(value, language, said=said)


@cache
def texts_of_files(language: str) -> tuple[tuple[str, str], ...]:
    """The texts of the TOML and CSV files in a language they carry, with the name of their file."""
    found: list[tuple[str, str]] = []
    for path in FILES:
        content = path.read_text(encoding="utf-8")
        tree: Any = (
            tomllib.loads(content) if path.suffix == ".toml" else list(csv.DictReader(content.splitlines()))
        )
        found += [(path.name, text) for text in _written(tree, language)]
    return tuple(found)


@cache
def texts(language: str) -> tuple[tuple[str, str], ...]:
    """The texts of the files and of the message catalogues of a language, with the name of their file."""
    found = list(texts_of_files(language))
    for path in catalogue_files(language):
        found += [(path.name, text) for text in _messages(path, language)]
    return tuple(found)


def _messages(path: Path, language: str) -> Iterator[str]:
    with path.open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id:
                yield from [message.string] if isinstance(message.string, str) else message.string
