"""The few sentences the command line says when all is well, in every language (`texts.toml`)."""

from __future__ import annotations

from pathlib import Path

from indicators.catalogue.languages import read_sentences

_SENTENCES = Path(__file__).with_name("texts.toml")


def text(code: str, language: str, **params: object) -> str:
    """The sentence of a code in a language, with its values filled in."""
    return read_sentences(_SENTENCES)[code][language].format(**params)


def name_of(kind: str, code: str, language: str) -> str:
    """What a dataset or field is called in a language; its own name where it has no other.

    >>> name_of("field", "producer_code", "en"), name_of("field", "visit_id", "en")
    ('the producer of the service', 'visit_id')
    """
    named = f"{kind}_{code}"
    return text(named, language) if named in read_sentences(_SENTENCES) else code
