"""What the page of service debt says of its figures, as sentences; they are tested by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE, NO_DATA, SUPPRESSED
from indicators.service_debt.debt import DebtPeriod, HiddenDebt
from indicators.service_debt.demand import Demand
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.text import names
from pages.text import queues as queue_words
from pages.text.tables import Cell, Table, value_cell

#: Periods named in the finding; where there are more, the worst of them.
NAMED = 3


@dataclass(frozen=True)
class Visible:
    """Entries beyond their limit on the newest snapshots: the row of the answer, and the person-days beyond."""

    row: Mapping[str, Any] | None
    days: float | None


def hidden_finding(name: str, found: HiddenDebt, *, of_care: bool = False) -> str:
    """The hidden debt of one series in words, all that is said of it."""
    return " ".join(hidden_sentences(name, found, of_care=of_care))


def hidden_sentences(name: str, found: HiddenDebt, *, of_care: bool = False) -> list[str]:
    """The hidden debt of one series, the finding first; `of_care`: it counts care given, of which more is growth."""
    compared = found.compared
    if not compared:
        unknown = _(
            "{name}: the hidden debt is not known, because there are no complete figures to compare "
            "with {year}."
        )
        return [unknown.format(name=name, year=found.baseline_year)]
    fields = {"name": name, "year": found.baseline_year, "span": span(compared)}
    debt, above = formats.number(found.balance), formats.number(found.above)
    if round(found.balance) > 0 and round(found.above) > 0:
        # Part of what was done beyond the expected came before the debt, and is none of it.
        said = [
            _("{name}: {count} are owed against the level of {year} ({span}).").format(count=debt, **fields)
        ]
    elif round(found.balance) > 0:
        said = [_("{name}: {count} fewer than at the level of {year} ({span}).").format(count=debt, **fields)]
    elif round(found.above) > 0:
        said = [
            _("{name}: {count} more than at the level of {year} ({span}), so nothing is owed.").format(
                count=above, **fields
            )
        ]
    else:
        said = [_("{name}: as many as at the level of {year} ({span}).").format(**fields)]
    worst = found.worst
    if len(compared) > 1 and worst:
        shown = sorted(worst[:NAMED], key=lambda one: one.period.start)
        listed = "; ".join(f"{formats.period(one.period.label)}: {number(one.shortfall)}" for one in shown)
        if len(worst) <= NAMED:
            said.append(_("Short by period: {periods}.").format(periods=listed))
        else:
            said.append(_("Shortest: {periods}.").format(periods=listed))
    if round(found.repaid) > 0 and round(found.total_shortfall) > 0:
        said.append(
            _("Of the {short} that fell short, later periods made up {paid}.").format(
                short=formats.number(found.total_shortfall), paid=formats.number(found.repaid)
            )
        )
    if of_care and round(found.above) > 0:
        said.append(
            _("{count} visits above the level lessened no debt: they are growth.").format(count=above)
            if round(found.total_shortfall) > 0
            else _("There was no debt before, so it is growth and no debt lessened.")
        )
    if found.unknown:
        said.append(
            ngettext(
                "{count} period cannot be compared and is in no sum.",
                "{count} periods cannot be compared and are in no sum.",
                found.unknown,
            ).format(count=formats.number(found.unknown))
        )
    return said


def demand_finding(demands: Sequence[tuple[str, Demand]], plain: HiddenDebt, year: int) -> str:
    """Which way demand for the service went since the baseline year, and the debt against it; `demands` by name."""
    if not demands:
        return _(
            "The debt against demand is not known: complete figures of the service's referrals, "
            "notifications or clients are missing or suppressed."
        )
    listed = ", ".join(f"{name} {signed_percent(one.change_pct)}" for name, one in demands)
    first = demands[0][1]
    way = round(first.change_pct)
    if way > 0:
        said = [_("Demand has grown since {year}: {listed}.").format(year=year, listed=listed)]
    elif way < 0:
        said = [_("Demand has fallen since {year}: {listed}.").format(year=year, listed=listed)]
    else:
        said = [_("Demand is as it was in {year}: {listed}.").format(year=year, listed=listed)]
    debt = round(first.adjusted.balance)
    said.append(
        _("Against demand the hidden debt is {count}.").format(count=formats.number(debt))
        if debt
        else _("Against demand there is no hidden debt.")
    )
    missing = len(plain.compared) - len(first.adjusted.compared)
    if missing > 0:
        said.append(
            ngettext(
                "Of {count} period demand is not known, and it is not in this debt.",
                "Of {count} periods demand is not known, and they are not in this debt.",
                missing,
            ).format(count=formats.number(missing))
        )
    return " ".join(said)


def signed_percent(change: float | None) -> str:
    """A change in whole per cent with its sign, or the word for why there is none."""
    if change is None:
        return formats.status_word(NO_DATA)
    return formats.signed(change) + formats.percent_sign()


def what_it_did(one: DebtPeriod) -> str:
    """What a period did to the debt."""
    if one.shortfall is None:
        return _("cannot be compared")
    if one.shortfall > 0:
        return _("made debt")
    if one.repaid > 0:
        return _("lessened debt")
    return _("growth, no debt before") if one.shortfall < 0 else _("reached the level")


def span(periods: tuple[DebtPeriod, ...]) -> str:
    """The first and the last of the periods, in words."""
    first, last = periods[0].period.label, periods[-1].period.label
    if first == last:
        return formats.period(first)
    between = "–" if first.isdecimal() and last.isdecimal() else " – "
    return f"{formats.period(first)}{between}{formats.period(last)}"


def hidden_heading(found: HiddenDebt) -> str:
    """What the number of a hidden debt is called: the years it is of, which may be past."""
    if not found.compared:
        return _("Hidden debt")
    return _("Hidden debt {span}").format(span=span(found.compared))


def visible_finding(found: Visible) -> str:
    """The visible debt in a sentence."""
    row = found.row
    if row is None or row["status"] == NO_DATA:
        return _("The visible debt is not known: there is no queue snapshot.")
    day = formats.day(row["as_of"]) if isinstance(row["as_of"], date) else formats.period(row["period"])
    if row["status"] == SUPPRESSED:
        return _("On {day} so few had waited beyond the legal limit that the number is suppressed.").format(
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
    return said


def visible_remarks(found: Visible) -> list[str]:
    """What the visible debt lacks, and why its days are not known."""
    row = found.row
    if row is None or row["status"] in (NO_DATA, SUPPRESSED):
        return []
    said = []
    if row["status"] == INCOMPLETE and row.get("missing"):
        said.append(queue_words.lacking(row["missing"]))
    if found.days is None and not formats.missing(row["value"]):
        said.append(_("The days beyond the limit are not known, because not all queues are known by rows."))
    return said


def days_beyond(found: Visible) -> str:
    """The person-days beyond the limit, or the word for why there are none."""
    if found.days is not None:
        return formats.number(found.days)
    suppressed = found.row is not None and found.row["status"] == SUPPRESSED
    return formats.verdict(SUPPRESSED) if suppressed else formats.status_word(NO_DATA)


def weeks_words(weeks: float | None) -> str:
    """In how many weeks something is cleared; in words where it never is."""
    if weeks is None:
        return _("never at this capacity")
    if weeks == 0:
        return _("nothing to clear")
    rounded = -int(-weeks // 1)
    return ngettext("{count} week", "{count} weeks", rounded).format(count=formats.number(rounded))


def hover(one: DebtPeriod, adjusted: DebtPeriod | None = None) -> str:
    """What a tooltip says of a period: the same as its row in the table."""
    lines = [f"<b>{formats.period(one.period.label)}</b>"]
    lines.append(_("expected {value}").format(value=number(one.expected)))
    lines.append(_("realised {value}").format(value=number(one.realised)))
    lines.append(_("short {value}").format(value=signed(one.shortfall)))
    if one.shortfall is not None:
        lines.append(_("balance {value}").format(value=number(one.balance)))
    if adjusted is not None:
        lines.append(_("expected by demand {value}").format(value=number(adjusted.expected)))
        lines.append(_("balance against demand {value}").format(value=number(known_balance(adjusted))))
    return "<br>".join(lines)


def known_balance(one: DebtPeriod) -> float | None:
    """The debt after a period; None where the period cannot be compared."""
    return None if one.shortfall is None else one.balance


def course(compared: Sequence[DebtPeriod]) -> str:
    """How the debt went, from its first to its last period."""
    return f"{span(tuple(compared))}: {formats.number(compared[0].balance)} → {formats.number(compared[-1].balance)}"


def number_cell(value: float | None) -> Cell:
    """A count as a cell."""
    return Cell(number(value), value)


def number(value: float | None) -> str:
    """A count, or the word for why there is none."""
    return formats.status_word(NO_DATA) if value is None else formats.number(value)


def signed(value: float | None) -> str:
    """A difference with its sign, or the word for why there is none."""
    return formats.status_word(NO_DATA) if value is None else formats.signed(value)


def visible_table(
    rows: Sequence[Mapping[str, Any]],
    lengths: Mapping[str, Mapping[str, Any]],
    definitions: tuple[Definition, Definition],
    period: str,
) -> Table:
    """One row per service: queue length, entries and days beyond the limit; `definitions` of the first two."""
    length, over = definitions
    called = names.names("service", [row["service"] for row in rows])
    body = []
    for row in rows:
        days = None if formats.missing(row["days_beyond"]) else float(row["days_beyond"])
        beyond = Cell(formats.verdict(SUPPRESSED) if row["status"] == SUPPRESSED else number(days), days)
        service = row["service"]
        cells = value_cell(lengths.get(service), length), value_cell(row, over)
        body.append((called[service], *cells, beyond))
    header = (names.dimension("service"), names.text(length).short, names.text(over).short)
    caption = _("Visible debt by service, {period}").format(period=formats.period(period))
    return Table.of(caption, (*header, _("Days beyond the limit")), body, range(1, 4))


def assumptions(baseline: int, *, scaled: bool) -> list[str]:
    """What the debt takes for granted, in sentences."""
    said = [
        _(
            "As much care is expected of every period as was given in the same period of {year}. Whether people needed as "
            "much is not known."
        ).format(year=baseline),
        _(
            "Against 2019, months count from March 2020 and years as whole years from 2020; against a later year, all after it."
        ),
        _(
            "A period above the baseline lessens only debt that was there before it; the rest is growth. A period without a "
            "complete figure is in no sum: missing is not zero."
        ),
        _(
            "Against demand, what is expected is the baseline year's visits × demand now ÷ demand "
            "then, in the same period. Demand is measured by referrals or notifications; where there "
            "are none, by people in care. Residents do not scale it further."
        ),
        _("People may be counted in several months, so months of people do not add up to a year."),
        _("A visit made up later costs what you give as its price. What the wait itself costs is not in it."),
    ]
    if scaled:
        said.append(
            _(
                "Scaled is only what has the residents of the service's own age group loaded. Of the other series what is "
                "expected is not scaled, and the table says so."
            )
        )
    return said
