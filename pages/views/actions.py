"""What is to be done in an area or units: asked by several pages, computed once for each audience."""

from __future__ import annotations

from functools import partial

from indicators.analysis.actions import QUEUE, SHARE, Found, KnownUntil, Work, find
from indicators.analysis.control_chart import Break
from indicators.engine.choices import last_day
from indicators.engine.question import Question, Where
from pages.text.signals import breaks_of
from pages.ui import cache
from pages.views.view import PageView
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot


class ActionsView(PageView):
    """What is to be done, for the audience of the run."""

    @classmethod
    def work(cls, area: str, where: Where = ()) -> Work:
        """What is to be done in an area, or in the units and services that a filter names."""
        # Each unit is looked at once: narrowed to some, nothing further is asked.
        services = tuple(part for part in where if part[0] == "service")
        found: Found = cls.read(_find, Question(QUEUE, area=area, where=services), cache.settings())
        return found.work(dict(where).get("unit", ()))


def _find(snapshot: Snapshot, base: Question, settings: Settings) -> Found:
    # The answers are asked through the view, where a page that shows them too finds them.
    area = str(base.area)
    known = KnownUntil(last_day(snapshot, "queue", area), last_day(snapshot, "visits", area))
    return find(PageView.ask, base, known, settings, partial(_breaks, area))


def _breaks(area: str, unit: str) -> tuple[Break, ...]:
    return breaks_of(SHARE, area, unit)
