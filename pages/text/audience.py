"""For whom what is shown is made, in words and in the names of files."""

from __future__ import annotations

from indicators.wording import audience as words
from indicators.wording.translations import _
from pages.access.audience import audience


def audience_words() -> str:
    """For whom this run shows what it shows."""
    return words.audience_words(audience().kind)


def in_file_name() -> str:
    """The same in one word, for the name of a file."""
    return _("internal") if audience().is_internal else _("shareable")
