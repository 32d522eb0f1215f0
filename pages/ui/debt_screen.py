"""The first screen of the service debt: what was not given, who waits beyond the law, where to begin, service by service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.catalogue.definition import definition
from indicators.drawing.small import sparkline
from indicators.engine.question import INCOMPLETE, SUPPRESSED
from indicators.service_debt.debt import VISIBLE_DEBT, VISITS
from indicators.wording import formats
from indicators.wording.translations import _
from pages.sheet import (
    Action,
    Column,
    Fact,
    Row,
    Value,
    action_list,
    data_table,
    finding,
    fold,
    hidden,
    note,
    number_block,
    plain_value,
    sheet_grid,
    titled,
    verdict_badge,
)
from pages.text import names
from pages.text import queues as queue_words
from pages.text import service_debt as words
from pages.text.tables import worst_first
from pages.ui import address, components, sheet
from pages.ui.debt_balance import SeriesDebt, demand_sentence, name_of
from pages.views.service_debt import LENGTH, ServiceDebtView

#: The address parameters of the series and of the open tab, and the tab of clearing.
SERIES, VIEW, CLEARING = "velka", "nakyma", "purku"
#: So many services stand in the list of where to begin.
MOST_SERVICES = 2
_SERVICE = address.PARAMETERS["service"]


@dataclass(frozen=True)
class DebtScreen:
    """What the first screen is drawn from: the series opened (None without one), every series, who waits beyond the law."""

    view: ServiceDebtView
    found: SeriesDebt | None
    every: Callable[[], Sequence[SeriesDebt]]
    newest: words.Visible

    def draw(self) -> None:
        """The first screen."""
        sheet.show(self._html, "first")

    def _html(self) -> str:
        """What still stands first: who waits beyond the law now, where anybody does, else the care that was not given."""
        visible, remarks = words.visible_finding(self.newest), words.visible_remarks(self.newest)
        row = self.newest.row
        stands = row is not None and bool(row["status"] == SUPPRESSED or row["value"] > 0)
        said, strong = (
            [visible],
            [formats.number(row["value"])] if stands and row and row["value"] > 0 else [],
        )
        if self.found is not None:
            name, care = name_of(self.found.series), self.found.has_demand
            first, *more = words.hidden_sentences(name, self.found.plain, of_care=care)
            said, remarks = [first, visible], [*more, demand_sentence(self.found), *remarks]
            if not stands and self.found.plain.compared:
                strong = [formats.number(self.found.plain.balance)]
        folded = fold(_("Notes on the numbers"), "".join(map(note, remarks))) if remarks else ""
        numbers = [self._hidden_number(), self._visible_number()]
        tables = [self._hidden_table(), self._visible_table()]
        if stands:
            said, numbers, tables = said[::-1], numbers[::-1], tables[::-1]
        return finding(formats.one_after_another(said), strong) + sheet_grid(
            "".join(numbers) + folded, tables[0], self._where_to_begin(), tables[1]
        )

    def _hidden_number(self) -> str:
        found = self.found
        if found is None:
            return ""
        plain, adjusted = found.plain, found.adjusted
        known = bool(plain.compared)
        facts = [Fact(name_of(found.series), "")]
        if found.has_demand:
            against = words.number(None if adjusted is None else adjusted.balance)
            facts.append(Fact(_("Demand-adjusted debt"), against))
            change = words.signed_percent(found.demands[0].change_pct if found.demands else None)
            facts.append(Fact(_("Demand, change"), change))
        if known:
            facts.append(Fact(_("Fell short"), formats.number(plain.total_shortfall)))
            facts.append(Fact(_("Made up"), formats.number(plain.repaid)))
            facts.append(Fact(_("Growth"), formats.number(plain.above)))
        shown = formats.number(plain.balance) if known else words.number(None)
        return number_block(words.hidden_heading(plain), shown, (), facts)

    def _visible_number(self) -> str:
        row, of = self.newest.row, definition(VISIBLE_DEBT)
        shown = words.number(None) if row is None else formats.short_cell(row, of)
        facts = []
        if row is not None:
            facts.append(Fact(_("Days beyond the limit"), words.days_beyond(self.newest)))
            if isinstance(row["as_of"], date):
                facts.append(Fact(_("Snapshot"), formats.day(row["as_of"])))
            if row["status"] == INCOMPLETE:
                facts.append(Fact(_("Completeness"), formats.status_word(INCOMPLETE)))
        kind = "limit" if row is not None and (row["status"] == SUPPRESSED or row["value"] > 0) else ""
        return number_block(names.text(of).short, shown, (), facts, kind=kind)

    # --- where to begin ----------------------------------------------------------------------------------------------

    def _where_to_begin(self) -> str:
        """The services with the most days beyond the law, and the care of which most was not given."""
        lines = []
        known = [
            row for row in self._services() if row["value"] > 0 and not formats.missing(row["days_beyond"])
        ]
        for row in sorted(known, key=lambda row: -row["days_beyond"])[:MOST_SERVICES]:
            said = _("days beyond the limit, {count} waiting").format(count=formats.number(row["value"]))
            service = str(row["service"])
            href = components.link_address("queues", {_SERVICE: [service], **self._area()})
            lines.append(
                Action(
                    formats.number(row["days_beyond"]), "limit", names.name("service", service), said, href
                )
            )
        owed = [(max(_debts(one)), one) for one in self._of_care() if max(_debts(one)) > 0]
        for debt, one in sorted(owed, key=lambda item: -item[0])[:1]:
            href = components.link_here({SERIES: one.series.key, VIEW: CLEARING})
            said = _("hidden debt: what clearing it takes")
            lines.append(Action(formats.number(debt), "growth", name_of(one.series), said, href))
        nothing = "" if lines else _("No debt that can be shown is known.")
        return action_list(_("Where to begin"), lines, nothing)

    def _area(self) -> Mapping[str, str]:
        return {address.PARAMETERS["area"]: self.view.area}

    def _of_care(self) -> list[SeriesDebt]:
        """The series of care given that can be compared, the most owed first."""
        mine = [one for one in self.every() if one.series.kind == VISITS and one.plain.compared]
        return sorted(mine, key=lambda one: tuple(-debt for debt in _debts(one)))

    def _services(self) -> Sequence[Mapping[str, Any]]:
        if self.view.visible is None:
            return ()
        return worst_first(self.view.visible[1].rows, definition(VISIBLE_DEBT)).to_dict("records")

    # --- tables ------------------------------------------------------------------------------------------------------

    def _hidden_table(self) -> str:
        """The care given of every service, the most owed first; a row opens its series."""
        of_care = self._of_care()
        if not of_care:
            return ""
        columns = [
            Column("nimi", _("Service and figure"), right=False),
            Column("velka", _("Debt")),
            Column("kysynta", _("Demand-adjusted debt")),
            Column("muutos", _("Demand, change"), hides="narrow"),
            Column("kasvu", _("Growth"), hides="narrow"),
            Column("kulku", _("Course"), right=False, hides="narrow"),
        ]
        opened = None if self.found is None else self.found.series
        rows = [
            Row(
                name_of(one.series),
                components.link_here({SERIES: one.series.key}),
                _hidden_cells(one),
                one.series == opened,
            )
            for one in of_care
        ]
        title = _("Hidden debt by service")
        return titled(title, data_table(title, columns, rows, ""))

    def _visible_table(self) -> str:
        """The services with a limit, those beyond it first; a row opens its queue."""
        rows = self._services()
        if not rows:
            return ""
        lengths = self.view.lengths()
        columns = [
            Column("nimi", names.dimension("service"), right=False),
            Column("jono", names.text(LENGTH).short, hides="narrow"),
            Column("yli", names.text(definition(VISIBLE_DEBT)).short),
            Column("paivat", _("Days beyond the limit")),
        ]
        shown = [
            Row(
                names.name("service", str(row["service"])),
                components.link_address("queues", {_SERVICE: [str(row["service"])], **self._area()}),
                (
                    _count(lengths.get(row["service"])),
                    _count(row, "limit"),
                    _days(row),
                ),
            )
            for row in rows
        ]
        title = _("Visible debt by service")
        missing = {queue for length in lengths.values() for queue in length["missing"] or ()}
        foot = queue_words.lacking_title(len(missing)) if missing else ""
        return titled(title, data_table(title, columns, shown, "", foot=foot))


def _debts(one: SeriesDebt) -> tuple[float, float]:
    """The debt against the baseline year and against demand; 0 where demand is not known."""
    return one.plain.balance, 0.0 if one.adjusted is None else one.adjusted.balance


def _hidden_cells(one: SeriesDebt) -> tuple[Value, ...]:
    adjusted = None if one.adjusted is None else one.adjusted.balance
    change = one.demands[0].change_pct if one.demands else None
    known = [words.known_balance(period) for period in one.plain.periods]
    line = sparkline(known, low=0.0)
    course = f"{line}{hidden(words.course(one.plain.compared))}" if line else "–"
    return (
        _owed(one.plain.balance),
        _owed(adjusted),
        plain_value("–" if change is None else words.signed_percent(change)),
        plain_value(formats.number(one.plain.above)),
        Value(course),
    )


def _owed(debt: float | None) -> Value:
    if debt is None:
        return plain_value("–")
    return plain_value(formats.number(debt), kind="text" if round(debt) > 0 else "muted")


def _count(row: Mapping[str, Any] | None, kind: str = "") -> Value:
    if row is None:
        return plain_value("–")
    if row["status"] == SUPPRESSED:
        return Value(verdict_badge("suppressed", alone=True))
    if formats.missing(row["value"]):
        return plain_value("–")
    text = formats.number(row["value"])
    return plain_value(text, kind=("muted" if row["value"] == 0 else kind) if kind else "")


def _days(row: Mapping[str, Any]) -> Value:
    if row["status"] == SUPPRESSED:
        return Value(verdict_badge("suppressed", alone=True))
    days = row["days_beyond"]
    return plain_value("–" if formats.missing(days) else formats.number(days))
