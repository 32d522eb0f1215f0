"""For whom what is shown is made, in words and in the names of files."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.wording.translations import N_, _
from pages.access.audience import audience
from pages.access.decision import AudienceKind

_WORDS: Mapping[AudienceKind, str] = {
    AudienceKind.INTERNAL: N_("Internal – contains small numbers, not to be shared"),
    AudienceKind.OWN_UNITS: N_("Internal for your own units, the rest may be shared"),
    AudienceKind.SHAREABLE: N_("May be shared"),
}


def audience_words() -> str:
    """For whom this run shows what it shows."""
    return _(_WORDS[audience().kind])


def in_file_name() -> str:
    """The same in one word, for the name of a file."""
    return _("internal") if audience().is_internal else _("shareable")
