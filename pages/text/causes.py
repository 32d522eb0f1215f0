"""Why a share changed and where the days of a wait go: sentences and tables. Pure, tested in three languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from indicators.analysis.decomposition import (
    CHANCE,
    NOT_JUDGED,
    NOTHING,
    NUMBERS_SUPPRESSED,
    REST,
    Mix,
    MixResult,
)
from indicators.analysis.stages import STAGES, StageRow
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages.text import names
from pages.text.tables import Cell, Table, count_cell

#: The splits of a change in the headline: what came about within the groups, and from their mix.
WITHIN: Mapping[str, str] = {
    "profession": N_(
        "Of the change {change}, {within} came about within the professions and {mix} from their mix."
    ),
    "mode": N_(
        "By contact mode {change} parts into {within} within the contact modes and {mix} from their mix."
    ),
}
_REASONS: Mapping[str, str] = {
    NUMBERS_SUPPRESSED: N_("The change cannot be split: a number in it is suppressed."),
    NOT_JUDGED: N_("The change cannot be split: one of the two periods is not complete or has no data."),
    NOTHING: N_("The change cannot be split: one of the two periods has no visit with dates."),
}
#: What each stage of a wait is called, and what is the bottleneck where most of the days go into it.
STAGE_WORDS: Mapping[str, str] = {
    "to_assessment": N_("from contact to assessment"),
    "to_booking": N_("from assessment to booking"),
    "to_visit": N_("from booking to visit"),
}
_BOTTLENECKS: Mapping[str, str] = {
    "to_assessment": N_(
        "The bottleneck is the assessment of need: {share} of the days pass before it is made."
    ),
    "to_booking": N_("The bottleneck is booking: {share} of the days pass before a time is booked."),
    "to_visit": N_("The bottleneck is capacity: {share} of the days pass waiting for the booked time."),
}
PATH_WORDS: Mapping[str, str] = {
    "complete": N_("All dates known"),
    "no_contact": N_("No contact date"),
    "no_assessment": N_("No assessment date"),
    "no_booking": N_("No booking date"),
    "reversed": N_("Dates in the wrong order"),
}
_MOST = Fraction(1, 2)


def change_sentences(
    found: Mapping[str, MixResult], definition: Definition, than: str, *, newest_deviates: bool = False
) -> str:
    """How a share changed against another stretch (`than`, the end of a sentence) and what of that is improvement.

    `newest_deviates`: the newest period by itself is more than chance, which is why the long stretch is not.
    """
    found_mixes = [(split, found[split].mix) for split in WITHIN if split in found]
    mixes = [(split, mix) for split, mix in found_mixes if mix is not None]
    if not mixes:
        by_chance = next((one for one in found.values() if one.reason == CHANCE), None)
        if by_chance is not None and by_chance.before is not None and by_chance.after is not None:
            said = [
                _compared(by_chance.before, by_chance.after, definition, than),
                _("The change is too small to have causes: chance is enough to explain it."),
            ]
            if newest_deviates:
                said.append(_("In 13 weeks a deviation of the newest periods evens out."))
            return " ".join(said)
        reasons = [one.reason for one in found.values() if one.reason]
        return _(_REASONS[reasons[0]]) if reasons else ""
    whole = mixes[0][1]
    said = [_compared(float(whole.before), float(whole.after), definition, than)]
    said += [_(WITHIN[split]).format(**_parts(mix, definition)) for split, mix in mixes]
    said.append(_judged([mix for _split, mix in mixes], definition))
    return formats.one_after_another(said)


def _compared(before: float, after: float, definition: Definition, than: str) -> str:
    return _("The share of the last 13 weeks is {after}, {than} it was {before}.").format(
        after=formats.value(after, definition), before=formats.value(before, definition), than=than
    )


def _parts(mix: Mix, definition: Definition) -> dict[str, str]:
    return {
        "change": formats.change(float(mix.change), definition),
        "within": formats.change(float(mix.within), definition),
        "mix": formats.change(float(mix.mix), definition),
    }


def _judged(mixes: Sequence[Mix], definition: Definition) -> str:
    """Whether a change is mostly of the groups themselves, by the split that finds most mix."""
    most = max(mixes, key=lambda mix: abs(mix.mix))
    if round(float(most.change), definition.decimals) == 0:
        return ""
    if most.within * most.mix < 0 and abs(most.mix) * 4 > abs(most.within):
        return _("The groups themselves and their mix pull in opposite directions: look at each.")
    if abs(most.mix) > abs(most.within):
        return _("Most of the change is a change of the mix: the groups themselves changed less.")
    return _("Most of the change came about within the groups themselves.")


def mix_table(found: Mapping[str, MixResult], definition: Definition) -> Table:
    """One row per split: within its groups, from their mix, the sum."""
    rows = []
    for split, one in found.items():
        mix = one.mix
        cells = (
            [Cell(formats.verdict("suppressed"), None)] * 3
            if mix is None
            else [_change_cell(number, definition) for number in (mix.within, mix.mix, mix.change)]
        )
        rows.append((names.dimension(split), *cells))
    header = (_("Split by"), _("Within the groups"), _("From the mix"), _("Together"))
    return Table.of(_("What the change is made of") + ", " + _("pp"), header, rows, range(1, 4))


def groups_table(split: str, mix: Mix, definition: Definition) -> Table:
    """One row per group of a split: its figure and its share of the visits before and after, its parts of the change."""
    called = names.names(split, [term.group for term in mix.terms if term.group != REST])
    rows = [
        (
            called.get(term.group, _("others together")),
            *(_value_cell(value, definition) for value in (term.before, term.after)),
            *(_share_cell(weight) for weight in (term.weight_before, term.weight_after)),
            *(_change_cell(part, definition) for part in (term.within, term.mix)),
        )
        for term in sorted(mix.terms, key=lambda term: -abs(term.within + term.mix))
    ]
    header = (
        *(names.dimension(split), _("Earlier"), _("Now"), _("Share of visits earlier")),
        *(_("Share of visits now"), _("Within the group"), _("From the mix")),
    )
    caption = _("The change by {split}").format(split=names.dimension(split).lower()) + ", " + _("pp")
    return Table.of(caption, header, rows, range(1, 7))


def _change_cell(number: Fraction, definition: Definition) -> Cell:
    """A part of a change as a bare number: its unit is in the caption, as words of units are long on a phone."""
    return Cell(formats.signed(float(number), definition.decimals), float(number))


def _value_cell(number: Fraction | None, definition: Definition) -> Cell:
    if number is None:
        return Cell(formats.status_word("no_denominator"), None)
    return Cell(formats.value(float(number), definition), float(number))


def _share_cell(weight: Fraction) -> Cell:
    return Cell(formats.percent(float(100 * weight)), float(100 * weight))


def stage_sentences(row: StageRow | None) -> str:
    """Where the days of a wait go, which stage is the bottleneck, and of how many visits that is known."""
    if row is None:
        return _("There are no visits of these weeks.")
    if row.means is None or row.whole is None:
        return _("Too few visits have all four dates in order to show where the days go.")
    first, second, third = (formats.days(float(mean)) for mean in row.means)
    said = [
        _(
            "From contact to visit {whole} pass on average: {first} to the assessment of need, {second} from there to "
            "the booking, {third} from the booking to the visit."
        ).format(whole=formats.days(float(row.whole)), first=first, second=second, third=third)
    ]
    if row.whole > 0:
        longest, mean = max(zip(STAGES, row.means, strict=True), key=lambda pair: pair[1])
        share = formats.percent(float(100 * mean / row.whole), 0)
        if row.status == INCOMPLETE:
            said.append(_("These weeks are not complete: where the bottleneck is, is not judged yet."))
        elif mean > _MOST * row.whole:
            said.append(_(_BOTTLENECKS[longest]).format(share=share))
        else:
            said.append(_("No single stage is the bottleneck."))
    if row.coverage is not None:
        said.append(
            _("All four dates are known of {coverage} of the visits (n = {n}).").format(
                coverage=formats.percent(row.coverage, 0), n=formats.number(row.paths["complete"] or 0)
            )
        )
    return " ".join(said)


def stage_table(rows: Sequence[StageRow], split: str, called: Mapping[str, str]) -> Table:
    """One row per group: mean days of each stage and in all, and how its visits' dates are known."""
    header = (
        names.dimension(split),
        *(formats.capital(_(STAGE_WORDS[stage])) for stage in STAGES),
        *(_("Together"), _("Visits"), *map(_, PATH_WORDS.values())),
    )
    body = [
        (
            called[row.key[0]],
            *(_days_cell(mean, row.status) for mean in (*(row.means or (None,) * len(STAGES)), row.whole)),
            *map(count_cell, (row.visits, *(row.paths[path] for path in PATH_WORDS))),
        )
        for row in sorted(rows, key=lambda row: -(row.whole or 0))
    ]
    caption = _("Mean days by stage, the longest first")
    return Table.of(caption, header, body, range(1, len(header)))


def _days_cell(mean: Fraction | None, status: str) -> Cell:
    if mean is None:
        return Cell(formats.status_word(status), None)
    return Cell(formats.days(float(mean)), float(mean))
