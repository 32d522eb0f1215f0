"""What the pages of data quality and master data say: the finding, states, faults, lists of codes. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.catalogue.definition import definition, load_definitions
from indicators.engine.published_series import Difference
from indicators.engine.question import INCOMPLETE, NO_DENOMINATOR, OK, SUPPRESSED
from indicators.privacy.cell_keys import Noise
from indicators.privacy.row_shares import RowShare, most_first, row_share
from indicators.wording import formats
from indicators.wording.translations import N_, _, language, ngettext
from pages.sheet import Fact, number_block
from pages.text import names
from pages.text.tables import Cell, Table, count_cell, day_cell, period_cell
from pages.text.upload import DATASETS
from pages.ui import loading
from pages.ui.loading import quality
from pipelines.settings import Settings

#: Shares below this show two decimals, so that some does not read as none.
SMALL_PCT = 0.1
#: Faults of dates, by `quality.DATE_FAULTS`.
FAULTS: Mapping[str, str] = {
    "no_assessment": N_("Non-urgent curative visit without an assessment date"),
    "visit_before_assessment": N_("Visit before the assessment of need"),
    "assessment_before_contact": N_("Assessment before the contact"),
    "queue_no_assessment": N_("Queue entry without an assessment date"),
    "queue_assessed_later": N_("Assessment after the snapshot of the queue"),
    "queue_appointment_passed": N_("In the queue although the booked time has passed"),
    "referral_handled_before": N_("Referral handled before it came"),
    "referral_contact_before": N_("First contact before the referral came"),
    "referral_care_before_need": N_("Care begun before the need was found"),
    "case_decided_before": N_("Decision before the case came"),
    "case_started_before": N_("Assessment started before the case came"),
    "case_ready_before_start": N_("Assessment ready before it was started"),
}
#: Why rows are set aside, by the code of the finding.
REASONS: Mapping[str, str] = {
    "bad_date": N_("A required date is not a date"),
    "bad_number": N_("A required number is not a number"),
    "missing_value": N_("A required value is missing"),
    "impossible_date": N_("The date is impossible"),
    "duplicate_key": N_("The same id with different content"),
    "negative_number": N_("A number is below zero"),
    "share_out_of_range": N_("A share is not 0–100 %"),
    "zero_denominator": N_("The denominator is not above zero"),
    "value_contradicts": N_("The value differs from numerator and denominator"),
    "wrong_unit": N_("Another unit than the indicator's"),
    "unknown_comparator": N_("The comparator is not known"),
    "status_off_scale": N_("The status is not on the milestone's scale"),
    "ambiguous_number": N_("The comma or point may be a thousands sign"),
    "contradiction": N_("The number contradicts itself"),
    "direction_with_level": N_("The target has both a direction and a level"),
    "step_off_scale": N_("The value is not on the indicator's scale"),
    "unknown_indicator": N_("The indicator is not defined"),
    "bad_id": N_("The id cannot be used"),
    "id_taken": N_("The id is that of an indicator of the software"),
    "not_a_choice": N_("The value is not among the possible ones"),
    "ragged_row": N_("Wrong number of fields in the row"),
}
#: Lists of codes that no dimension of the pages is.
DOMAINS: Mapping[str, str] = {
    "urgency": N_("Urgency"),
    "nature": N_("Nature of the visit"),
    "state": N_("State"),
    "reason": N_("Reason for waiting"),
    "decision": N_("Decision"),
    "kind": N_("Kind of case"),
    "client_group": N_("Client group"),
}
REVIEWED: Mapping[str, str] = {
    quality.LIMIT: N_("Limit of the law"),
    quality.DEFINITION: N_("Definition of an indicator"),
}


def finding(
    fresh: Sequence[quality.Fresh],
    coverage: Mapping[str, Any] | None,
) -> str:
    """How good the data is, in two sentences: freshness, assessment dates."""
    own = [one for one in fresh if not one.demo]
    late = [one for one in own if one.late]
    newest = formats.day(max(one.extracted for one in fresh))
    said = []
    if late:
        said.append(
            ngettext(
                "{count} source of {all} is late: its newest extract is older than expected.",
                "{count} sources of {all} are late: their newest extracts are older than expected.",
                len(late),
            ).format(count=formats.number(len(late)), all=formats.number(len(own)))
        )
    elif own:
        said.append(_("Every source is fresh; the newest extract is of {day}.").format(day=newest))
    else:
        said.append(_("There is only demo data; its newest extract is of {day}.").format(day=newest))
    if coverage is not None and coverage["status"] in (OK, SUPPRESSED):
        said.append(
            _("{period} {share} of non-urgent visits have an assessment date.").format(
                period=formats.in_period(coverage["period"]),
                share=formats.cell(coverage, definition("access_data_coverage")),
            )
        )
    return " ".join(said)


@dataclass(frozen=True)
class RowCounts:
    """How the page shows counts of rows about persons: exact, or with the noise of the shareable view."""

    noise: Noise | None
    settings: Settings

    def number(self, name: Hashable, count: int) -> int | None:
        """A count known by a name; None where it is suppressed."""
        shown = float(count) if self.noise is None else self.noise.of_name(name, count)
        return None if math.isnan(shown) else round(shown)

    def share(self, name: Hashable, rows: int, of: int) -> RowShare:
        """Rows of a whole, known by a name."""
        return row_share(name, rows, of, self.noise, self.settings)


def share(found: RowShare) -> str:
    """A share of rows: exact, the interval it lies in, or the word that it is suppressed; of nothing there is none."""
    if found.of == 0:
        return formats.status_word(NO_DENOMINATOR)
    if found.low is None or found.high is None:
        return formats.verdict(SUPPRESSED)
    if found.exact is None:
        return formats.share_interval(found.low, found.high)
    return formats.percent(found.exact, 2 if 0 < found.exact < SMALL_PCT else 1)


def fresh_state(one: quality.Fresh) -> str:
    """Whether a source is late."""
    if one.demo:
        return _("○ demo data, not judged")
    return _("▲ late") if one.late else _("● fresh")


def sudden_state(one: quality.Sudden, rows: int | None, median: float | None) -> str:
    """In which direction a volume changed, and how much; without the amount where a count is suppressed."""
    word = _("▼ fewer") if one.rows < one.median else _("▲ more")
    if rows is None or not median:
        return word
    amount = formats.signed(100 * (rows - median) / median)
    return f"{word} ({amount}{formats.NBSP}%)"


def when(one: quality.Sudden) -> str:
    """The week or the date of a snapshot."""
    if one.dataset == "queue":
        return formats.day(one.first_on)
    year, week, _day = one.first_on.isocalendar()
    return formats.period(f"{year}-W{week:02d}")


def months(first: date | None, last: date | None) -> str:
    """The months from one to another."""
    if first is None or last is None:
        return _("without a date")
    ends = [formats.period(f"{month:%Y-%m}") for month in (first, last)]
    return ends[0] if first == last else _("{first} – {last}").format(first=ends[0], last=ends[1])


def domain(name: str) -> str:
    """What a list of codes is called."""
    return _(DOMAINS[name]) if name in DOMAINS else names.dimension(name)


def reason(code: str) -> str:
    """Why rows were set aside."""
    return _(REASONS[code]) if code in REASONS else code


def source(name: str, dataset: str | None = None) -> str:
    """A source by its title, with what its rows are where the title does not say it."""
    title = source_title(name)
    if dataset is None:
        return title
    what = _(DATASETS[dataset]).lower()
    return title if what in title.lower() else f"{title} ({what})"


def reviewed(one: quality.Review) -> str:
    """What a limit or a definition is called."""
    if one.kind == quality.DEFINITION and one.name in load_definitions():
        return names.text(load_definitions()[one.name]).name
    service = one.name.split(" ")[-1]
    return names.name("service", service)


def source_title(name: str) -> str:
    """The title of a source in the current language."""
    return loading.source_title(name, language())


# --- tiles and tables ----------------------------------------------------------------------------------------------


def number(
    fresh: Sequence[quality.Fresh],
    row: Mapping[str, Any] | None,
    codes: Sequence[quality.Unmapped],
    sudden: Sequence[quality.Sudden],
) -> str:
    """The number of the page: the share of visits with an assessment date (`row`, where there is any); late sources, the
    newest extract, codes and sudden changes in small print."""
    own = [one for one in fresh if not one.demo]
    late = sum(one.late for one in own)
    newest = formats.day(max(one.extracted for one in fresh))
    said = _("{late} of {all}").format(late=formats.number(late), all=formats.number(len(own)))
    facts = [
        Fact(_("Sources that are late"), said.replace(" ", formats.NBSP), "limit" if late else "")
        if own
        else Fact(_("Sources that are late"), _("demo data, not judged")),
        Fact(_("Newest extract"), newest),
        Fact(_("Unidentified codes"), formats.number(len(codes)), "breach" if codes else ""),
        Fact(_("Sudden changes of volume"), formats.number(len(sudden)), "breach" if sudden else ""),
    ]
    if row is None:
        return number_block(_("Newest extract"), newest, (), facts)
    heading = _("Visits with an assessment date, {period}").format(period=formats.period(row["period"]))
    if row["status"] == INCOMPLETE:
        heading += f" ({formats.status_word(INCOMPLETE)})"
    n = Fact(_("Visits"), formats.count(row, "denominator"))
    return number_block(heading, formats.short_cell(row, definition("access_data_coverage")), (), [n, *facts])


def _count_and_share(found: RowShare) -> tuple[Cell, Cell]:
    return count_cell(found.rows), Cell(share(found), found.exact)


def _days_cell(days: int) -> Cell:
    return Cell(formats.days(days, 0), days)


def sources_table(fresh: Sequence[quality.Fresh]) -> Table:
    """One row per source, late ones first."""
    several = len({one.origin for one in fresh}) > 1
    rows = [
        (
            _("{source}, {area}").format(source=source(one.source), area=names.name("area", one.origin))
            if several
            else source(one.source),
            *(day_cell(one.extracted), day_cell(one.newest_row)),
            *(_days_cell(one.age_days), _days_cell(one.rhythm_days), day_cell(one.due)),
            fresh_state(one),
        )
        for one in sorted(fresh, key=lambda one: (not one.late, -one.age_days, one.source))
    ]
    header = (
        *(_("Source"), _("Newest extract"), _("Last row"), _("Age"), _("Rhythm"), _("Next by")),
        _("State"),
    )
    return Table.of(_("Sources"), header, rows, (3, 4))


def silent_units_table(units: Sequence[quality.UnitFresh]) -> Table:
    """One row per unit and source, the longest without rows first."""
    rows = [
        (
            names.name("unit", one.unit),
            source(one.source, one.dataset),
            day_cell(one.last_row),
            day_cell(one.known_to),
            one.silent_days,
            _("▲ silent") if one.silent else _("● has rows"),
        )
        for one in units
    ]
    header = (_("Unit"), _("Source"), _("Last row"), _("Source known to"), _("Days without rows"), _("State"))
    return Table.of(_("Units, the longest without rows first"), header, rows, (4,))


def sudden_table(counts: RowCounts, sudden: Sequence[quality.Sudden]) -> Table:
    """One row per sudden change of volume."""
    rows = [
        (
            Cell(when(one), one.first_on.isoformat()),
            names.name("unit", one.unit),
            source(one.source, one.dataset),
            *map(count_cell, shown),
            sudden_state(one, *shown),
        )
        for one in sudden
        for shown in [_before_and_now(counts, one)]
    ]
    header = (_("Week or date"), _("Unit"), _("Source"), _("Rows"), _("Median before"), _("Change"))
    return Table.of(_("Sudden changes, newest first"), header, rows, (3, 4))


def _before_and_now(counts: RowCounts, one: quality.Sudden) -> tuple[int | None, int | None]:
    """The rows of a sudden change and the median before, as they are shown."""
    name = (one.source, one.dataset, one.unit, one.first_on)
    return counts.number(("rows", *name), one.rows), counts.number(("median", *name), round(one.median))


def codes_table(counts: RowCounts, codes: Sequence[quality.Unmapped]) -> Table:
    """One row per code without a meaning."""
    rows = [
        (
            *(one.code, domain(one.domain), source(one.source)),
            *_count_and_share(_code_share(counts, one)),
        )
        for one in most_first(
            codes,
            lambda one: _code_share(counts, one).rows,
            lambda one: (one.source, one.domain, one.code),
        )
    ]
    header = (_("Code"), _("List"), _("Source"), _("Rows"), _("Share of rows with a code"))
    return Table.of(_("Codes without a meaning, most rows first"), header, rows, (3, 4))


def _code_share(counts: RowCounts, one: quality.Unmapped) -> RowShare:
    """How many rows have a code, out of those with a code of its list."""
    return counts.share((one.source, one.domain, one.code), one.rows, one.of)


@dataclass(frozen=True)
class DateFaults:
    """Faults of dates: in all by fault, dataset and source; by unit; how many comparisons found none."""

    totals: Mapping[tuple[str, str, str], RowShare]
    by_unit: Sequence[tuple[quality.DateFault, RowShare]]
    clean: int

    @classmethod
    def of(cls, counts: RowCounts, faults: Sequence[quality.DateFault]) -> DateFaults:
        """The faults as they are shown."""
        groups: dict[tuple[str, str, str], list[quality.DateFault]] = {}
        for one in faults:
            groups.setdefault((one.code, one.dataset, one.source), []).append(one)
        totals: dict[tuple[str, str, str], RowShare] = {}
        by_unit: list[tuple[quality.DateFault, RowShare]] = []
        for key, mine in groups.items():
            rows, of = sum(one.rows for one in mine), sum(one.of for one in mine)
            if rows:
                totals[key] = counts.share(key, rows, of)
            by_unit += [(one, counts.share((*key, one.unit), one.rows, one.of)) for one in mine if one.rows]
        by_unit.sort(key=lambda item: (-(item[1].low or 0.0), item[0].unit))
        return cls(totals, by_unit, len(groups) - len(totals))

    def totals_table(self) -> Table:
        """One row per fault and source, the commonest first."""
        ordered = sorted(self.totals.items(), key=lambda item: -(item[1].low or 0.0))
        rows = [
            (_(FAULTS[code]), source(name, dataset), *_out_of(total))
            for (code, dataset, name), total in ordered
        ]
        header = (_("Fault"), _("Source"), _("Rows"), _("Looked at"), _("Share"))
        return Table.of(_("Faults of dates, the commonest first"), header, rows, (2, 3, 4))

    def units_table(self) -> Table:
        """One row per fault, source and unit, the commonest first."""
        rows = [
            (
                names.name("unit", one.unit),
                _(FAULTS[one.code]),
                source(one.source, one.dataset),
                *_out_of(shown),
            )
            for one, shown in self.by_unit
        ]
        header = (_("Unit"), _("Fault"), _("Source"), _("Rows"), _("Looked at"), _("Share"))
        return Table.of(_("Faults of dates by unit"), header, rows, (3, 4, 5))


def _out_of(found: RowShare) -> tuple[Cell, Cell, Cell]:
    rows, share_cell = _count_and_share(found)
    return rows, count_cell(found.of), share_cell


def aside_table(counts: RowCounts, aside: Sequence[quality.Aside]) -> Table:
    """One row per reason and source for which rows were set aside."""

    def shown(one: quality.Aside) -> RowShare:
        return counts.share(("aside", one.code, one.source), one.rows, one.of)

    rows = [
        (reason(one.code), source(one.source), *_count_and_share(shown(one)), one.loads, one.newest)
        for one in most_first(aside, lambda one: shown(one).rows, lambda one: (one.source, one.code))
    ]
    header = (*(_("Reason"), _("Source"), _("Rows"), _("Share of rows read"), _("Loads")), _("Newest load"))
    return Table.of(_("Rows set aside"), header, rows, (2, 3, 4))


def gaps_table(gaps: Sequence[quality.Uncovered]) -> Table:
    """One row per stretch of days of a unit without rows, the longest first."""
    rows = [
        (
            names.name("unit", one.unit),
            source(one.source, one.dataset),
            Cell(formats.day_span(one.first_on, one.last_on), one.first_on.isoformat()),
            one.days,
            _gap_state(one),
        )
        for one in gaps
    ]
    header = (_("Unit"), _("Source"), _("Days"), _("How many days"), _("State"))
    return Table.of(_("Periods not covered, the longest first"), header, rows, (3,))


def _gap_state(one: quality.Uncovered) -> str:
    if one.goes_on:
        return _("▲ still missing")
    return _("○ the unit's data begins after") if one.leads else _("○ known again after")


def overlaps_table(counts: RowCounts, found: Sequence[quality.Overlap]) -> Table:
    """One row per source, service and months that do not count."""

    def shown(one: quality.Overlap) -> int | None:
        return counts.number(("overlap", one.source, one.dataset, one.service, one.first_month), one.rows)

    rows = [
        (
            source(one.source, one.dataset),
            names.name("service", one.service or "unknown"),
            months(one.first_month, one.last_month),
            count_cell(shown(one)),
            ", ".join(source(name) for name in one.counts),
        )
        for one in most_first(found, shown, lambda one: (one.dataset, one.source, one.service or ""))
    ]
    header = (_("Source"), _("Service"), _("Months"), _("Rows"), _("Counts instead"))
    return Table.of(_("Rows that do not count"), header, rows, (3,))


def differences_table(found: Sequence[Difference]) -> Table:
    """One row per period both published and counted; a difference from a suppressed value is suppressed too."""
    rows = []
    word = formats.status_word(SUPPRESSED)
    for one in found:
        meant = load_definitions()[one.indicator]
        hidden_ = one.status == SUPPRESSED
        apart = one.by_rows - one.published
        rows.append(
            (
                names.text(meant).name,
                period_cell(one.period.label),
                word if hidden_ else Cell(formats.value(one.by_rows, meant), one.by_rows),
                Cell(formats.value(one.published, meant), one.published),
                word if hidden_ else Cell(formats.change(apart, meant), apart),
                _("extracts") if one.rows_count else _("publication"),
                one.cited_source or "–",
            )
        )
    header = (
        *(_("Indicator"), _("Period"), _("Counted from extracts"), _("Published"), _("Difference")),
        *(_("Counts"), _("Source")),
    )
    return Table.of(_("Published and counted figures of the same period"), header, rows, (2, 3, 4))


def reviews_table(overdue: Sequence[quality.Review]) -> Table:
    """One row per overdue review."""
    rows = [(_(REVIEWED[one.kind]), reviewed(one), day_cell(one.due)) for one in overdue]
    return Table.of(_("Overdue reviews"), (_("What"), _("Name"), _("Due on")), rows)
