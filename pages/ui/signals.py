"""The XmR chart of a series with its marks, and the link to where every signal is shown."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.analysis.control_chart import SpcResult
from indicators.catalogue.definition import Definition
from indicators.engine.question import Where
from indicators.wording.translations import _
from pages import charts
from pages.text.signals import alt, kind_words, marks, remark, table
from pages.ui import address, components


def link_to_changes(definition: Definition, grain: str, area: str, where: Where) -> None:
    """A link_to_changes to the page of changes that shows the same there: indicator, grain, area and filters, all the data."""
    chosen = dict(where)
    parameters: dict[str, str | list[str]] = {
        "mittari": definition.id,
        address.GRAIN: grain,
        address.SPAN: address.EVERYTHING,
        address.PARAMETERS["area"]: area,
    }
    for name, parameter in address.PARAMETERS.items():
        if name in chosen:
            parameters[parameter] = list(chosen[name])
        elif name in definition.headline_scope or parameter in address.carried().keys() - parameters.keys():
            parameters[parameter] = address.EVERYTHING
    components.link(
        "changes", _("Look closer: every signal, the breaks, before and after a change"), parameters
    )


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
    )
