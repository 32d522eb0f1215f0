"""What a board decides on, in words: each a question with the figure it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.catalogue.definition import Definition
from indicators.catalogue.dimensions import DIMENSIONS
from indicators.engine.question import Where
from indicators.programme.decisions import (
    MISSED,
    UNREPORTED,
    WORSE,
    Decision,
    main_target,
    missed_targets,
)
from indicators.programme.targets import TargetResult
from indicators.programme.year_summary import headline
from indicators.wording import formats
from indicators.wording.actions import BETWEEN, Action, listed
from indicators.wording.targets import distance, level, percentile, value
from indicators.wording.translations import N_, _, language, ngettext

#: The address parameter of the area.
_AREA = str(DIMENSIONS["area"].address)
#: What is asked of a target.
QUESTIONS = {
    MISSED: N_("{name}: what is changed so that the target is reached?"),
    WORSE: N_("{name}: do we act on the decline now?"),
}


def decision_actions(
    found: Sequence[Decision], known: Mapping[str, Definition], unreported: Where = ()
) -> tuple[Action, ...]:
    """The lines of what is to be decided; `unreported` is what in the overview's address lists the targets without data."""
    return tuple(
        _unreported(one, known, unreported) if one.kind == UNREPORTED else _of_target(one, known)
        for one in found
    )


def note(found: Sequence[Decision], results: Sequence[TargetResult] = ()) -> str:
    """That there is nothing to decide; else why these of the missed targets, where not all of them are named."""
    if not found:
        return _("The targets ask for no decision now.")
    named = [one.result.target.indicator for one in found if one.kind == MISSED]
    left = missed_targets(results) - len(named)
    if not named or left <= 0:
        return ""
    if named[0] == main_target(results, headline()):
        said = ngettext(
            "The main target first, then those missed by most for their level; {count} more is in the table.",
            "The main target first, then those missed by most for their level; {count} more are in the table.",
            left,
        )
    else:
        said = ngettext(
            "Those missed by most for their level; {count} more is in the table.",
            "Those missed by most for their level; {count} more are in the table.",
            left,
        )
    return said.format(count=formats.number(left))


def _of_target(decision: Decision, known: Mapping[str, Definition]) -> Action:
    result = decision.result
    definition = known[result.target.indicator]
    said = []
    if result.target.as_written:
        said.append(
            _("target {target}").format(target=level(result.target, definition) or result.target.as_written)
        )
    if share := percentile(result.actual, definition):
        said.append(share)
    elif decision.kind == MISSED and (left := distance(result, definition)):
        said.append(_("distance {distance}").format(distance=left))
    if decision.kind == WORSE:
        said.insert(0, _("got worse by more than chance explains"))
    return Action(
        value(result, definition),
        decision.kind,
        _(QUESTIONS[decision.kind]).format(name=definition.text[language()].short),
        BETWEEN.join(said),
        indicator=definition.id,
        period=result.actual.period,
    )


def _unreported(decision: Decision, known: Mapping[str, Definition], unreported: Where) -> Action:
    results = decision.results
    named = listed([known[one.target.indicator].text[language()].short for one in results])
    return Action(
        formats.number(len(results)),
        decision.kind,
        ngettext(
            "target without data: who reports on it?",
            "targets without data: who reports on them?",
            len(results),
        ),
        named,
        "overview",
        ((_AREA, (decision.result.target.area,)), *unreported),
    )
