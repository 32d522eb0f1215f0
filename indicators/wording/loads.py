"""The loads behind figures, in words."""

from __future__ import annotations

from collections.abc import Iterable

from indicators.engine.question import LoadUsed
from indicators.wording import formats
from indicators.wording.translations import _


def data_until(loads: Iterable[LoadUsed]) -> str:
    """The last day that some loads cover; empty where none of them says."""
    ends = [load.period_end for load in loads if load.period_end is not None]
    return _("Data until {day}").format(day=formats.day(max(ends))) if ends else ""
