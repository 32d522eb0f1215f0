"""The names of reports' files."""

from __future__ import annotations

import re

from indicators.report.content import Asked
from indicators.wording.translations import _

#: So many units are in the name of a file, and what of a code cannot be.
MOST_UNITS_NAMED = 3
_NOT_IN_NAMES = re.compile(r"[^\w+.-]")


def file_stem(asked: Asked, language: str, indicator: str = "") -> str:
    """The name of a file: a report or an `indicator`, of which area and units, when, for whom, in which language."""
    what = indicator or (_("weekly_sheet") if asked.units else _("report"))
    units = asked.units[:MOST_UNITS_NAMED]
    more = [f"+{len(asked.units) - len(units)}"] if len(asked.units) > len(units) else []
    named = [
        what,
        asked.area,
        *units,
        *more,
        asked.as_of.isoformat(),
        _("internal") if asked.audience.internal else _("shareable"),
        language,
    ]
    return "_".join(_NOT_IN_NAMES.sub("-", part) for part in named)
