"""What can go wrong with a question or a definition, said in the user's language."""

from __future__ import annotations

from pathlib import Path

from indicators.catalogue.errors import TakuuvahtiError, in_words
from indicators.catalogue.languages import read_sentences

SENTENCES = Path(__file__).with_name("indicator_errors.toml")


class IndicatorError(TakuuvahtiError):
    """Base of the errors of this package; the sentences stand in `indicator_errors.toml`."""

    exit_code = 2

    def message(self, language: str) -> str:
        """The sentence for the user: what is wrong and what would do."""
        return read_sentences(SENTENCES)[self.code][language].format(**in_words(self.params, language))


class BadQuestion(IndicatorError):
    """The question names an indicator, split, filter or period that is not there."""


class BadDefinition(IndicatorError):
    """The definitions or the dated data beside them have faults; all of them are told at once."""
