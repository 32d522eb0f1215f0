"""What a chart of before and after draws of each group."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.analysis.before_after import BeforeAfter
from pages import charts
from pages.text import formats
from pages.text.before_after import side_words, units_words
from pages.text.translations import _


def courses(found: BeforeAfter, called: Mapping[str, str]) -> list[charts.Course]:
    """What the chart draws: per group its periods unless suppressed, and its levels; of counts with before = 100."""
    shown = []
    for group in (found.concerned, found.others):
        if group is None or group.before.value is None or group.after.value is None:
            continue
        ours = group is found.concerned
        name = formats.capital(units_words(group.units, called)) if ours else _("The other units")
        scale = 100 / group.before.value if found.relative and group.before.value else 1.0
        points = []
        for row in [] if group.rows is None else group.rows.to_dict("records"):
            words = charts.hover(row, found.definition, f"{name}, {formats.period(row['period'])}")
            value = None if formats.missing(row["value"]) else scale * row["value"]
            points.append((charts.middle(row["period_start"], row["period_end"]), value, words))
        levels = [
            (
                periods[0].start,
                periods[-1].end,
                scale * float(side.value or 0.0),
                f"<b>{name}, {when}</b><br>{side_words(side, found.definition)}",
            )
            for periods, side, when in (
                (found.before, group.before, _("before")),
                (found.after, group.after, _("after")),
            )
        ]
        shown.append(charts.Course(name, tuple(points), tuple(levels)))
    return shown
