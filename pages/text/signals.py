"""Signal or noise: the XmR chart of a series in words and as a table, the same on every page.

A point beyond ordinary variation is filled and has a word, any other is hollow, in every chart. Suppressed values are
judged too, and not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indicators.analysis import control_chart as spc
from indicators.analysis.control_chart import Break, SpcPoint, SpcResult
from indicators.analysis.signals import known_until, spc_of
from indicators.catalogue.definition import Definition
from indicators.engine.question import OK, Answer
from indicators.programme.annotations import annotations_for
from indicators.wording import formats
from indicators.wording.signals import (
    KINDS,
    NOT_ORDINARY,
    RULE_WORDS,
    rule_words,
    run_span,
    turned_words,
)
from indicators.wording.translations import N_, _, language, ngettext
from pages.text import names
from pages.text.tables import Cell, Table, period_cell
from pages.text.tiles import Tile
from pages.ui import cache
from pages.views.view import PageView

#: Why there is no assurance where the newest value contradicts it.
_CHANGED = N_(
    "The figure has changed, so its earlier course does not show whether the target is met "
    "from now on. Record a break where it changed."
)
_ASSURANCE: Mapping[str, tuple[str, str]] = {
    spc.PASS: (
        N_("meets the target"),
        N_("As things are, the target is reached reliably: in every ordinary period."),
    ),
    spc.FAIL: (
        N_("misses the target"),
        N_(
            "As things are, the target is out of reach in every ordinary period: the way of working must change."
        ),
    ),
    spc.INCONSISTENT: (
        N_("now and then"),
        N_(
            "The target is within ordinary variation: it is reached in some periods and missed in others by chance."
        ),
    ),
}

_SAID: Mapping[str, str] = {
    spc.COMMON: N_("The change is within ordinary variation."),
    spc.IMPROVEMENT: N_("The figure has improved more than chance explains."),
    spc.CONCERN: N_("The figure has worsened more than chance explains."),
    spc.NEUTRAL: N_("The figure has changed more than chance explains."),
}
#: The same of a run over several periods.
_SAID_OF_RUN: Mapping[str, str] = {
    spc.IMPROVEMENT: N_("The figure has improved more than chance explains ({span})."),
    spc.CONCERN: N_("The figure has worsened more than chance explains ({span})."),
    spc.NEUTRAL: N_("The figure has changed more than chance explains ({span})."),
}


def breaks_of(indicator: str, area: str, unit: str | None = None) -> tuple[Break, ...]:
    """The days on which the series of an indicator starts anew, each with its reason; with a unit also those of it alone."""
    noted = cache.cached_call(annotations_for, indicator, area, unit)
    return tuple(Break(note.date, note.text(language())) for note in noted if note.starts_anew)


def series(
    answer: Answer, target: float | None = None, breaks: Sequence[Break] = (), *, baseline: int | None = None
) -> SpcResult:
    """An answer judged; its newest value is not known where the same indicator is known of later periods in its area."""
    return spc_of(answer, target, breaks, baseline=baseline, until=known_until(answer, PageView.ask))


def seams(answer: Answer) -> tuple[Break, ...]:
    """The days on which a series goes over from published figures to counted ones or back, each with its reason."""
    to_rows = _("From here on counted from extracts, before it published figures.")
    to_figures = _("From here on published or entered figures, before it counted from extracts.")
    return tuple(Break(seam.date, to_rows if seam.to_rows else to_figures) for seam in answer.seams)


def judgement(result: SpcResult, label: str) -> tuple[bool | None, str]:
    """Whether the value of a period is ordinary variation, and what more there is to say of that.

    None without a value, limits or a verdict.
    """
    point = next((one for one in result.points if one.label == label), None)
    if point is None or point.group is None:
        return None, ""
    group = result.groups[point.group]
    if result.unjudged and point == result.last:
        return None, missing(result)
    if point.kind is None:
        return None, ""
    if group.limits is None:
        return None, _(
            "Whether the change is ordinary variation cannot be judged yet, as there are no limits."
        )
    if point.rule is None:
        return True, ""
    said = _(NOT_ORDINARY[point.kind]).format(rule=rule_words(result, label))
    return False, formats.one_after_another([said, turned_words(result, label)])


def in_a_sentence(result: SpcResult, label: str) -> str:
    """Signal or noise of a period in a short sentence of a finding; empty where it is not judged.

    Of a run over several periods it says which they are, and whether the newest value goes against it.
    """
    kind = result.kind_of(label)
    if kind is None:
        return ""
    span = run_span(result, label)
    said = _(_SAID_OF_RUN[kind]).format(span=span) if span else _(_SAID[kind])
    return formats.one_after_another([said, turned_words(result, label)])


def missing(result: SpcResult) -> str:
    """What is missing where no verdict is given, in one line; empty where one is."""
    last, group = result.last, result.group
    if result.unjudged is None or last is None or group is None:
        return ""
    if result.unjudged == spc.TOO_FEW_VALUES:
        few = (
            ngettext(
                "No verdict yet: since the break there is {count} value, and at least {least} are needed.",
                "No verdict yet: since the break there are {count} values, and at least {least} are needed.",
                group.points,
            )
            if group.reason is not None
            else ngettext(
                "No verdict yet: there is {count} value, and at least {least} are needed.",
                "No verdict yet: there are {count} values, and at least {least} are needed.",
                group.points,
            )
        )
        return few.format(count=group.points, least=spc.FULL_BASELINE)
    return _("No verdict: the newest period is not known, and the last known one is {period}.").format(
        period=formats.period(last.label)
    )


def provisional(points: int) -> str:
    """That limits are not to be relied on yet."""
    return ngettext(
        "The limits are provisional: they rest on {count} value.",
        "The limits are provisional: they rest on {count} values.",
        points,
    ).format(count=points)


def kind_words(point: SpcPoint) -> str:
    """A point in words: its word and the rule behind it; empty in a gap."""
    if point.kind is None:
        return ""
    said = _(KINDS[point.kind])
    return said if point.rule is None else f"{said}: {_(RULE_WORDS[point.rule])}"


def assurance_words(result: SpcResult) -> str:
    """What the mark of assurance means, in a sentence, or why there is none; empty without a target."""
    if result.changed:
        return _(_CHANGED)
    return _(_ASSURANCE[result.assurance][1]) if result.assurance is not None else ""


def trend_mark(result: SpcResult | None) -> str:
    """What the newest value is, in a word or two, or why there is no verdict."""
    if result is None or result.last is None:
        return ""
    if result.unjudged is not None:
        return missing(result)
    if result.last.kind is None:
        return ""
    if not result.limits is not None:
        return _("no limits")
    return _(KINDS[result.last.kind])


_BY: Mapping[str, str] = {"week": N_("by week"), "month": N_("by month"), "quarter": N_("by quarter")}
#: What points of a grain see that longer or shorter ones do not.
_SEES: Mapping[str, str] = {
    "week": N_("Weeks see shorter changes too."),
    "month": N_("Months see changes that last for months."),
    "quarter": N_("Quarters see only changes that last long."),
}


def other_grain_words(leading: SpcResult | None, leads: str, other: SpcResult, grain: str) -> str:
    """The judgement of another grain next to that of the page's grain, and why the two may differ."""
    first, second = trend_mark(leading), trend_mark(other)
    if not first or not second:
        return ""
    return _("The page judges {leading}: {mark}. Here {grain}: {other}. {reason}").format(
        leading=_(_BY[leads]),
        mark=first.rstrip("."),
        grain=_(_BY[grain]),
        other=second.rstrip("."),
        reason=_(_SEES[grain]),
    )


def leading_grain_words(leading: SpcResult) -> str:
    """The judgement by month, which decides whether the figure changed, in a sentence; empty where nothing is known by month."""
    mark = trend_mark(leading)
    if not mark or leading.last is None:
        return ""
    return _("By month: {mark} ({period}).").format(
        mark=mark.rstrip("."), period=formats.period(leading.last.label)
    )


def other_grain_does_not_decide(result: SpcResult, label: str, grain: str) -> str:
    """What a period of another grain than months is, which does not decide; empty where it is not judged."""
    kind = result.kind_of(label)
    if kind is None:
        return ""
    return _("{grain}, which does not decide: {mark}. {reason}").format(
        grain=formats.capital(_(_BY[grain])), mark=_(KINDS[kind]), reason=_(_SEES[grain])
    )


def marks(result: SpcResult) -> list[Tile]:
    """The two marks of the newest value with their meaning: how it varies, and whether the target is met."""
    last = result.last
    if last is not None and result.unjudged is not None:
        return [Tile(_("Variation"), _("no verdict"), (missing(result),))]
    if last is None or last.kind is None:
        return []
    if not result.limits is not None:
        return [
            Tile(
                _("Variation"),
                _("no limits"),
                (
                    _(
                        "The values do not vary, or there is only one, so ordinary variation cannot be computed."
                    ),
                ),
            )
        ]
    rule = _(RULE_WORDS[last.rule]) if last.rule else _("no sign of anything but chance")
    details = [f"{formats.capital(formats.period(last.label))}: {rule}."]
    shown = [Tile(_("Variation"), _(KINDS[last.kind]), tuple(details))]
    if result.changed:
        shown.append(Tile(_("Assurance of the target"), _("not judged yet"), (_(_CHANGED),)))
    if result.assurance is not None:
        word, meaning = _ASSURANCE[result.assurance]
        shown.append(Tile(_("Assurance of the target"), _(word), (_(meaning),)))
    return shown


@dataclass(frozen=True)
class Run:
    """Neighbouring values that the same rule marks in the same way: their first and last label, the direction, the rule."""

    first: str
    last: str
    kind: str
    rule: str


def runs(result: SpcResult) -> tuple[Run, ...]:
    """What is more than ordinary variation, the newest first; a gap in the series does not part a run, a break does."""
    found: list[tuple[int, Run]] = []
    at = None
    for point in (point for point in result.points if point.group is not None):
        if point.rule is not None and point.kind is not None and point.group is not None:
            if at == (point.group, point.rule):
                found[-1] = (point.group, replace(found[-1][1], last=point.label))
            else:
                found.append((point.group, Run(point.label, point.label, point.kind, point.rule)))
        at = (point.group, point.rule)
    return tuple(run for _group, run in reversed(found))


def run_words(run: Run) -> tuple[str, str]:
    """A run in words: when it was, and the rule its values meet."""
    first, last = formats.period(run.first), formats.period(run.last)
    when = first if run.first == run.last else f"{first} – {last}"
    return formats.capital(when), f"{formats.capital(_(KINDS[run.kind]))}: {_(RULE_WORDS[run.rule])}."


def remark(result: SpcResult) -> str:
    """How the chart is read, and what to beware of."""
    said = []
    if result.limits is None:
        said.append(
            _("The series does not vary, or is too short: there are no limits, and nothing is judged.")
        )
    else:
        said.append(
            _(
                "Solid grey: the mean. Dashed grey: the limits of ordinary variation, computed from the series "
                "itself; the newest stand at the right."
            )
        )
    if any(point.kind not in (None, spc.COMMON) for point in result.points):
        said.append(_("Filled point: more than chance") + ".")
    if result.provisional and result.group is not None and result.limits is not None:
        said.append(provisional(result.group.points))
    if any(point.status != OK for point in result.points):
        said.append(_("A gap is a period that is suppressed, not complete or empty."))
    restarts = [group for group in result.groups if group.reason is not None]
    for at, group in enumerate(restarts, start=1):
        said.append(
            _("{number} = the limits start anew on {day}: {reason}").format(
                number=at, day=formats.day(result.points[group.first].date), reason=group.reason
            )
        )
    return " ".join(said)


def alt(result: SpcResult, definition: Definition) -> str:
    """What the chart shows, for those who do not see it."""
    last = result.last
    if last is None:
        return names.text(definition).name
    value = formats.status_word(last.status) if last.value is None else formats.value(last.value, definition)
    return _("{name}, {period}: {value}, {words}.").format(
        name=names.text(definition).name,
        period=formats.period(last.label),
        value=value,
        words=kind_words(last) or _("not judged"),
    )


def why_breaks(result: SpcResult) -> str:
    """Why a series starts anew where the rules changed; empty where it does not."""
    if not any(group.reason for group in result.groups):
        return ""
    return _(
        "When the limit of the law changes, times may be given in another order, which may move other figures too, such as "
        "the share within seven days. The limits of ordinary variation are computed anew from that day, so that a change of "
        "the rules is not taken for a change of the work. That a figure moved then is an observation, not its cause."
    )


def table(result: SpcResult, definition: Definition) -> Table:
    """One row per period, the newest first: value, mean, limits and what it shows."""
    header = (
        _("Period"),
        f"{names.text(definition).short}, {formats.unit_word(definition)}",
        *(_("Mean"), _("Lower limit"), _("Upper limit"), _("What it shows"), _("Status")),
    )
    rows = []
    for point in reversed(result.points):
        group = None if point.group is None else result.groups[point.group]
        limits = None if group is None else group.limits
        status = formats.status_word(point.status)
        no_level = status if group is None else _("no limits")
        levels = (group and group.mean, limits and limits.lower, limits and limits.upper)
        judged = point.kind is not None and limits is not None
        rows.append(
            (
                period_cell(point.label),
                _number(point.value, definition, status),
                *(_number(level, definition, no_level) for level in levels),
                kind_words(point) if judged else _("not judged"),
                status,
            )
        )
    return Table.of(_("Values, mean and limits"), header, rows, range(1, 5))


def _number(value: float | None, definition: Definition, nothing: str) -> Cell:
    return Cell(nothing, None) if value is None else Cell(formats.value(value, definition), float(value))
