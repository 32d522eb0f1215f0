"""The few sentences the command line says when all is well, in three languages (`texts.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


def text(code: str, language: str, **params: object) -> str:
    """The sentence of a code in a language (fi, sv, en), with its values filled in."""
    return _sentences()[code][language].format(**params)


def name_of(kind: str, code: str, language: str) -> str:
    """What a dataset or field is called in a language; its own name where it has no other.

    >>> name_of("field", "producer_code", "en"), name_of("field", "visit_id", "en")
    ('the producer of the service', 'visit_id')
    """
    named = f"{kind}_{code}"
    return text(named, language) if named in _sentences() else code


@cache
def _sentences() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("texts.toml").open("rb") as file:
        return tomllib.load(file)
