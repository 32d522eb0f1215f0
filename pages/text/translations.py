"""Texts in the language of the reader: `indicators.wording.translations`, under the name that pages know."""

from indicators.wording.translations import (
    N_,
    _,
    in_language,
    language,
    ngettext,
    read_choice_from,
    start_run,
)

__all__ = [
    "N_",
    "_",
    "in_language",
    "language",
    "ngettext",
    "read_choice_from",
    "start_run",
]
