"""What the pages of data quality and master data say: the finding, states, faults, lists of codes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from indicators.catalogue.definition import definition, load_definitions
from indicators.engine.question import NO_DENOMINATOR, OK, SUPPRESSED
from indicators.privacy.row_shares import RowShare
from pages.text import formats, names
from pages.text.translations import N_, _, language, ngettext
from pages.text.upload import DATASETS
from pages.ui import cache, loading
from pages.ui.loading import quality

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
    codes: Sequence[quality.Unmapped],
    sudden: Sequence[quality.Sudden],
) -> str:
    """How the data stands, in a few sentences: freshness, assessment dates, codes, volume."""
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
    said.append(
        ngettext("{count} code has no meaning yet.", "{count} codes have no meaning yet.", len(codes)).format(
            count=formats.number(len(codes))
        )
        if codes
        else _("Every code is known.")
    )
    if sudden:
        said.append(
            ngettext(
                "The number of rows has changed suddenly in {count} place.",
                "The number of rows has changed suddenly in {count} places.",
                len(sudden),
            ).format(count=formats.number(len(sudden)))
        )
    return " ".join(said)


def hidden(count: int) -> bool:
    """Whether a count of rows about persons is too small to be shown."""
    return 0 < count < cache.settings().hide_below


def rows(count: int) -> str:
    """A count of rows about persons, or the word for hidden."""
    return formats.verdict("suppressed") if hidden(count) else formats.number(count)


def share(told: RowShare) -> str:
    """A share of rows: exact, the interval it lies in, or the word that it is suppressed; of nothing there is none."""
    if told.of == 0:
        return formats.status_word(NO_DENOMINATOR)
    if told.low is None or told.high is None:
        return formats.verdict(SUPPRESSED)
    if told.exact is None:
        return formats.share_interval(told.low, told.high)
    return formats.percent(told.exact, 2 if 0 < told.exact < SMALL_PCT else 1)


def lacks_numbers(rows: pd.DataFrame) -> bool:
    """Whether any number of an answer about a coverage is suppressed."""
    return bool((rows["status"] == SUPPRESSED).any() or rows["coverage_low"].notna().any())


def fresh_state(one: quality.Fresh) -> str:
    """Whether a source is late."""
    if one.demo:
        return _("○ demo data, not judged")
    return _("▲ late") if one.late else _("● fresh")


def sudden_state(one: quality.Sudden) -> str:
    """In which direction a volume changed, and how much; without the amount where the count is hidden."""
    word = _("▼ fewer") if one.rows < one.median else _("▲ more")
    if hidden(one.rows):
        return word
    amount = formats.signed(100 * (one.rows - one.median) / one.median)
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


def source(title: str, dataset: str | None) -> str:
    """A source and what its rows are, where its title alone does not tell."""
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
