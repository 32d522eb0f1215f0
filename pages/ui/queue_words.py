"""The finding of the queues page, as sentences written from the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.change import Change
from indicators.definition import Definition
from indicators.question import INCOMPLETE, NO_DATA, SUPPRESSED
from pages.ui import formats
from pages.ui.texts import _, ngettext


@dataclass(frozen=True)
class QueueFinding:
    """What the finding is written from: the rows of the latest period, or None where there is none.

    `missing` are the names of units that have no snapshot in it; `change` that of the length against the periods before.
    """

    length: Mapping[str, Any] | None
    over: Mapping[str, Any] | None
    longest: Mapping[str, Any] | None
    missing: Sequence[str] = ()
    change: Change | None = None


def finding(found: QueueFinding, length: Definition, longest: Definition) -> str:
    """The state of the queue on its newest day in two to four sentences; says so where it cannot say."""
    row = found.length
    if row is None or row["status"] == NO_DATA:
        return _("There is no queue snapshot for this choice. Load a queue extract or choose more units.")
    day = formats.day(row["as_of"]) if isinstance(row["as_of"], date) else formats.period(row["period"])
    if row["status"] == SUPPRESSED:
        return _("On {day} so few were waiting that the number is hidden.").format(day=day)
    count = round(row["value"])
    if count == 0:
        return _joined(_("On {day} nobody was waiting.").format(day=day), _lacking(found))
    parts = [
        ngettext(
            "On {day} there was {count} non-urgent entry in the queue.",
            "On {day} there were {count} non-urgent entries in the queue.",
            count,
        ).format(day=day, count=formats.number(count))
    ]
    parts.append(_over(found.over))
    if found.longest is not None and not formats.missing(found.longest["value"]):
        parts.append(
            _("The longest wait so far was {wait}.").format(
                wait=formats.value(found.longest["value"], longest)
            )
        )
    if found.change is not None:
        parts.append(
            _("The change against the mean of the periods before ({count}) is {change}.").format(
                count=found.change.periods, change=formats.change(round(found.change.difference), length)
            )
        )
    parts.append(_lacking(found))
    return _joined(*parts)


def _lacking(found: QueueFinding) -> str:
    """The units that the number lacks; empty where it lacks none."""
    if found.length is None or found.length["status"] != INCOMPLETE or not found.missing:
        return ""
    return _("Not in the number, for want of a snapshot: {units}.").format(units=", ".join(found.missing))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _over(row: Mapping[str, Any] | None) -> str:
    if row is None or row["status"] == NO_DATA:
        return ""
    if row["status"] == SUPPRESSED:
        return _("So few had waited beyond the legal limit that the number is hidden.")
    if formats.missing(row["value"]):
        return ""
    count = round(row["value"])
    if count == 0:
        return _("Nobody was known to have waited beyond the legal limit.")
    return ngettext(
        "{count} entry had waited beyond the legal limit.",
        "{count} entries had waited beyond the legal limit.",
        count,
    ).format(count=formats.number(count))
