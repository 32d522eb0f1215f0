"""For whom figures are, in words."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.wording.translations import N_, _

#: By the name of an audience.
_WORDS: Mapping[str, str] = {
    "internal": N_("Internal – contains small numbers, not to be shared"),
    "own_units": N_("Internal for your own units, the rest may be shared"),
    "shareable": N_("May be shared"),
}


def audience_words(name: str) -> str:
    """For whom the figures of an audience are: `internal`, `own_units` or `shareable`."""
    return _(_WORDS[name])
