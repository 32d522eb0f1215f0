"""What the page of service debt says of its figures, as sentences; they are tested by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.debt import DebtPeriod, HiddenDebt
from indicators.question import INCOMPLETE, NO_DATA, SUPPRESSED
from pages.ui import formats, queue_words
from pages.ui.texts import _, ngettext

#: Periods named in the finding; where there are more, the worst of them.
NAMED = 3


@dataclass(frozen=True)
class Visible:
    """Entries beyond their limit on the newest snapshots: the row of the answer, and the person-days beyond."""

    row: Mapping[str, Any] | None
    days: float | None


def hidden_finding(name: str, found: HiddenDebt) -> str:
    """The hidden debt of one series in one to three sentences; says so where it cannot say."""
    compared = found.compared
    if not compared:
        return _(
            "{name}: the hidden debt is not known, because there are no complete figures to hold against {year}."
        ).format(name=name, year=found.baseline_year)
    told = {"name": name, "year": found.baseline_year, "span": span(compared)}
    if round(found.balance) > 0:
        said = [
            _("{name}: {count} fewer than at the level of {year} ({span}).").format(
                count=formats.number(found.balance), **told
            )
        ]
    elif round(found.balance) < 0:
        said = [
            _("{name}: {count} more than at the level of {year} ({span}), so nothing is owed.").format(
                count=formats.number(-found.balance), **told
            )
        ]
    else:
        said = [_("{name}: as many as at the level of {year} ({span}).").format(**told)]
    worst = found.worst
    if len(compared) > 1 and worst:
        shown = sorted(worst[:NAMED], key=lambda one: one.period.start)
        listed = "; ".join(f"{formats.period(one.period.label)}: {short(one)}" for one in shown)
        if len(worst) <= NAMED:
            said.append(_("Short by period: {periods}.").format(periods=listed))
        else:
            said.append(_("Shortest: {periods}.").format(periods=listed))
    if round(found.paid_back) > 0 and round(found.fell_short) > 0:
        said.append(
            _("Of the {short} that fell short, other periods made up {paid}.").format(
                short=formats.number(found.fell_short), paid=formats.number(found.paid_back)
            )
        )
    if found.unknown:
        said.append(
            ngettext(
                "{count} period cannot be compared and is in no sum.",
                "{count} periods cannot be compared and are in no sum.",
                found.unknown,
            ).format(count=formats.number(found.unknown))
        )
    return " ".join(said)


def span(periods: tuple[DebtPeriod, ...]) -> str:
    """The first and the last of the periods, in words."""
    first, last = periods[0].period.label, periods[-1].period.label
    if first == last:
        return formats.period(first)
    between = "–" if first.isdecimal() and last.isdecimal() else " – "
    return f"{formats.period(first)}{between}{formats.period(last)}"


def short(one: DebtPeriod) -> str:
    """By how much a period fell short, or the word for why that is not known."""
    return formats.status_word(NO_DATA) if one.short is None else formats.number(one.short)


def visible_finding(found: Visible) -> str:
    """The visible debt in a sentence."""
    row = found.row
    if row is None or row["status"] == NO_DATA:
        return _("The visible debt is not known: there is no queue snapshot.")
    day = formats.day(row["as_of"]) if isinstance(row["as_of"], date) else formats.period(row["period"])
    if row["status"] == SUPPRESSED:
        return _("On {day} so few had waited beyond the legal limit that the number is hidden.").format(
            day=day
        )
    if formats.missing(row["value"]):
        return _("The visible debt is not known: there is no queue snapshot.")
    count = round(row["value"])
    said = ngettext(
        "On {day} {count} queue entry had waited beyond the legal limit.",
        "On {day} {count} queue entries had waited beyond the legal limit.",
        count,
    ).format(day=day, count=formats.number(count))
    if count and found.days is not None:
        said += " " + _("Beyond it they had waited {days} days in all.").format(
            days=formats.number(found.days)
        )
    if row["status"] == INCOMPLETE and row.get("missing"):
        said += " " + queue_words.lacking(row["missing"])
    return said


def weeks_words(weeks: float | None) -> str:
    """In how many weeks something is cleared; in words where it never is."""
    if weeks is None:
        return _("never at this capacity")
    if weeks == 0:
        return _("nothing to clear")
    rounded = -int(-weeks // 1)
    return ngettext("{count} week", "{count} weeks", rounded).format(count=formats.number(rounded))


def hover(one: DebtPeriod, spent: bool) -> str:
    """What a tooltip says of a period: the same as its row in the table."""
    lines = [f"<b>{formats.period(one.period.label)}</b>"]
    lines.append(_("expected {value}").format(value=number(one.expected)))
    lines.append(_("realised {value}").format(value=number(one.realised)))
    lines.append(_("short {value}").format(value=signed(one.short)))
    if spent:
        lines.append(_("balance {value}").format(value=number(one.balance)))
    return "<br>".join(lines)


def number(value: float | None) -> str:
    """A count, or the word for why there is none."""
    return formats.status_word(NO_DATA) if value is None else formats.number(value)


def signed(value: float | None) -> str:
    """A difference with its sign, or the word for why there is none."""
    return formats.status_word(NO_DATA) if value is None else formats.signed(value)
