"""The XmR chart of a series with its marks, and the link to where every signal is shown."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.analysis.control_chart import SpcResult
from indicators.catalogue.definition import Definition
from indicators.wording.translations import _
from pages import charts
from pages.text import names
from pages.text.signals import alt, kind_words, marks, remark, table
from pages.ui import components
from pages.ui.pictures import Caption


def signal_block(
    result: SpcResult,
    definition: Definition,
    grain: str,
    key: str,
    *,
    targets: Sequence[charts.Step] = (),
    ahead: charts.Projected | None = None,
) -> None:
    """The XmR chart with its marks, breaks and reasons, how to read it, its table and download."""
    if result.last is None:
        components.note(_("No period can be judged yet, so there is nothing to draw."))
        return
    components.tiles(marks(result))
    words = {point.label: kind_words(point) for point in result.points}
    components.chart_block(
        charts.xmr(result, definition, grain, words, targets, ahead),
        alt(result, definition),
        table(result, definition),
        key,
        what=f"{definition.id} xmr",
        remark=remark(result),
        picture=Caption(_("Variation of {name}").format(name=names.text(definition).name)),
    )
