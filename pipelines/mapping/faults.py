"""What may be wrong with a mapping: sentences in every language (`faults.toml`), in terms of what its author wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from indicators.catalogue.languages import ENGLISH, read_sentences

_SENTENCES = Path(__file__).with_name("faults.toml")


class Fault(str):
    """One fault of a mapping. As a text it is its English sentence; `code` names it and `params` fill it.

    >>> fault = Fault("must_be_text", key="name")
    >>> str(fault), fault.text("fi")
    ('name must be a text in quotation marks', 'name: arvon on oltava teksti lainausmerkeissä')
    """

    code: str
    params: Mapping[str, object]

    def __new__(cls, code: str, /, **params: object) -> Fault:
        made = super().__new__(cls, _sentence(code, params, ENGLISH))
        made.code, made.params = code, params
        return made

    def text(self, language: str) -> str:
        """The sentence in a language."""
        return _sentence(self.code, self.params, language)


def _sentence(code: str, params: Mapping[str, object], language: str) -> str:
    said = {name: one.text(language) if isinstance(one, Fault) else one for name, one in params.items()}
    return read_sentences(_SENTENCES)[code][language].format(**said)
