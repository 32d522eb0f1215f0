"""Measures of plans in words: names, units, directions."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.wording.translations import N_, _, language

UNITS = {
    "count": N_("number"),
    "percent": N_("per cent (0–100)"),
    "days": N_("days"),
    "euros": N_("euros"),
    "ratio": N_("ratio"),
    "points": N_("points"),
    "stage": N_("a stage of several"),
    "yes_no": N_("yes or no"),
}
BETTER = {
    "up": N_("a higher value is better"),
    "down": N_("a lower value is better"),
    "none": N_("neither as such"),
}
NAMES = {"name_fi": N_("Name in Finnish"), "name_sv": N_("Name in Swedish"), "name_en": N_("Name in English")}


def measure_words(fields: Mapping[str, object]) -> str:
    """A measure in a line: its name, unit and direction."""
    unit, better = str(fields["unit"]), str(fields["better"])
    return " · ".join(
        (
            str(fields[f"name_{language()}"]),
            _(UNITS[unit]) if unit in UNITS else unit,
            _(BETTER[better]) if better in BETTER else better,
        )
    )
