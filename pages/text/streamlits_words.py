"""What Streamlit names in English alone, in the reader's language: names for screen readers and hints of its controls."""

from __future__ import annotations

from indicators.wording.translations import N_, _

_WORDS = {
    "App pages": N_("Pages"),
    "Collapse sidebar": N_("Hide the navigation"),
    "Expand sidebar": N_("Show the navigation"),
    "Open sidebar": N_("Show the navigation"),
    "Close sidebar": N_("Hide the navigation"),
    "Open": N_("Open the list"),
    "Close": N_("Close"),
    "Clear all": N_("Clear all"),
    "Clear value": N_("Clear"),
    "Choose an option": N_("Choose"),
    "Choose options": N_("Choose"),
    "Copy to clipboard": N_("Copy"),
}
#: What begins a name and goes on with a label of ours.
_BEGINNINGS = {"Help for ": N_("Explanation:")}


def streamlits_words() -> dict[str, str]:
    """Streamlit's English words and what they are called here."""
    begun = {said: _(ours) + " " for said, ours in _BEGINNINGS.items()}
    return {said: _(ours) for said, ours in _WORDS.items()} | begun
