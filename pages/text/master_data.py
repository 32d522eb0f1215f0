"""What the page of units and codes says: the finding, codes, units and decisions in words. Nothing here changes data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from indicators.wording import formats
from indicators.wording.translations import N_, _, language, ngettext
from pages.sheet import Action, Fact, number_block
from pages.text import data_quality as quality
from pages.text import names
from pages.text.sentences import some_of
from pages.text.tables import Cell, Table, count_cell
from pages.ui import loading
from pages.ui.loading import Edit, master

#: What the fields of a unit are called.
FIELDS: Mapping[str, str] = {
    "area": N_("Area"),
    "kind": N_("Kind"),
    "name_fi": N_("Name in Finnish"),
    "name_sv": N_("Name in Swedish"),
    "name_en": N_("Name in English"),
    "valid_from": N_("In use from"),
    "valid_to": N_("In use to"),
    "successor": N_("Successor"),
}


def finding(
    counts: quality.RowCounts, codes: Sequence[master.CodeInUse], units: Sequence[master.UnitRow]
) -> str:
    """What is still to be decided: codes without a meaning, and units without a kind."""
    unknown = [one for one in codes if one.unknown]
    kindless = sum(unit.kind is None for unit in units)
    if not codes:
        return _("No rows are loaded, so there are no codes to map and no units to name.")
    said = []
    if unknown:
        touched = max(unknown, key=lambda one: one.unknown_rows)
        said.append(
            ngettext(
                "{count} code has no meaning yet.", "{count} codes have no meaning yet.", len(unknown)
            ).format(count=formats.number(len(unknown)))
        )
        said.append(
            ngettext(
                "The commonest, {code}, is in {count} row.",
                "The commonest, {code}, is in {count} rows.",
                touched.unknown_rows,
            ).format(code=touched.code, count=count_cell(_unknown(counts, touched)).text)
        )
    else:
        said.append(_("Every code has a meaning."))
    if kindless:
        said.append(
            ngettext(
                "{count} unit has no kind, so it is not counted among the health centres.",
                "{count} units have no kind, so they are not counted among the health centres.",
                kindless,
            ).format(count=formats.number(kindless))
        )
    else:
        said.append(_("Every unit has its kind."))
    return " ".join(said)


def number(
    codes: Sequence[master.CodeInUse], units: Sequence[master.UnitRow], decisions: Sequence[Edit]
) -> str:
    """How many codes are unidentified; of how many, units without a kind and decisions in small print."""
    unknown = sum(one.unknown for one in codes)
    kindless = sum(unit.kind is None for unit in units)
    facts = [
        Fact(_("Codes in the rows"), formats.number(len(codes))),
        Fact(_("Units"), formats.number(len(units))),
        Fact(_("Units without a kind"), formats.number(kindless), "breach" if kindless else ""),
        Fact(_("Decisions by hand"), formats.number(len(decisions))),
    ]
    if decisions:
        facts.append(Fact(_("Newest decision"), by_whom(decisions[-1])))
    return number_block(_("Unidentified codes"), formats.number(unknown), (), facts)


def actions(
    unknown: Sequence[master.CodeInUse], kindless: Sequence[master.UnitRow], tabs: Mapping[str, str]
) -> list[Action]:
    """Codes to be identified and units without a kind, each with the tab where that is done."""
    said = []
    if unknown:
        what = ngettext("code is to be identified", "codes are to be identified", len(unknown))
        where = some_of((one.code for one in unknown), 3)
        said.append(Action(formats.number(len(unknown)), "missing", what, where, tabs["koodit"]))
    if kindless:
        what = ngettext("unit has no kind", "units have no kind", len(kindless))
        where = some_of((names.name("unit", unit.unit) for unit in kindless), 3)
        said.append(Action(formats.number(len(kindless)), "missing", what, where, tabs["yksikot"]))
    return said


def _shown(counts: quality.RowCounts, one: master.CodeInUse) -> int | None:
    return counts.number((one.source, one.domain, one.code), one.rows)


def _unknown(counts: quality.RowCounts, one: master.CodeInUse) -> int | None:
    return counts.number((one.source, one.domain, one.code), one.unknown_rows)


def _rows(counts: quality.RowCounts, one: master.CodeInUse) -> str:
    """How many rows have a code, in words."""
    return count_cell(_shown(counts, one)).text


def saved(count: int) -> str:
    """What came of saving."""
    if not count:
        return _("Nothing changed: it was decided so already.")
    text = ngettext("{count} decision was saved.", "{count} decisions were saved.", count)
    return text.format(count=formats.number(count)) + " " + _("Every page follows it, in all history.")


def our_codes(
    domain: str, known: Mapping[tuple[str, str], Mapping[str, str]], units: Sequence[master.UnitRow]
) -> dict[str, str]:
    """Our codes of a list and what they are called, by name."""
    if domain == "unit":
        found = {unit.unit: unit_words(unit) for unit in units}
    else:
        found = {code: name[language()] for (of, code), name in known.items() if of == domain}
        if domain in ("mode_code", "municipality"):
            found = {code: f"{code} {name}" for code, name in found.items()}
    return dict(sorted(found.items(), key=lambda item: item[1].casefold()))


def code_words(counts: quality.RowCounts, one: master.CodeInUse) -> str:
    """A code as it is chosen: itself, its list, its source, its rows, what it means now."""
    now = ", ".join(names.name(one.domain, code) for code, _first, _last in one.meanings) or _("no meaning")
    return _("{code} · {list} · {source} · rows: {count} · {meaning}").format(
        code=one.code,
        list=quality.domain(one.domain),
        source=quality.source_title(one.source),
        count=_rows(counts, one),
        meaning=now,
    )


def code_effect(
    counts: quality.RowCounts, one: master.CodeInUse, name: str, valid: tuple[date | None, date | None]
) -> str:
    """What saving a meaning does."""
    text = _("{count} rows of {source} with the code {code} are then {name}").format(
        count=_rows(counts, one), source=quality.source_title(one.source), code=one.code, name=name
    )
    when = days(*valid)
    return f"{text} ({when})." if when else f"{text}."


def kind(code: str | None) -> str:
    """The kind of a unit."""
    return names.name("unit_kind", code) if code else _("not said")


def unit_words(unit: master.UnitRow) -> str:
    """A unit's name with its code."""
    called = getattr(unit, f"name_{language()}", None) or unit.name_fi
    return unit.unit if called == unit.unit else f"{called} ({unit.unit})"


def days(first: date | None, last: date | None) -> str:
    """From one day to another, where either is known."""
    if first and last:
        return formats.day_span(first, last)
    if first:
        return _("from {day}").format(day=formats.day(first))
    return _("to {day}").format(day=formats.day(last)) if last else ""


# Decisions


def decision_words(edit: Edit) -> str:
    """A decision in a sentence."""
    subject = _subject(edit)
    if edit.values is None:
        return _("{what}: as the sources and shipped lists say").format(what=subject)
    if edit.table == "units":
        text = [f"{_(FIELDS[name])}: {_value(name, value)}" for name, value in edit.values.items() if value]
        return _("{what}: {changes}").format(what=subject, changes=", ".join(text) or _("nothing"))
    meanings = []
    for one in edit.values:
        first, last = (
            date.fromisoformat(one[name]) if one.get(name) else None for name in ("valid_from", "valid_to")
        )
        when = days(first, last)
        called = names.name(edit.key[1], one["our_code"])
        meanings.append(f"{called} ({when})" if when else called)
    return _("{what} means {meanings}").format(what=subject, meanings=", ".join(meanings))


def by_whom(edit: Edit) -> str:
    """Who decided, and when."""
    moment = loading.local_time(edit.at)
    when = _("{day} at {time}").format(day=formats.day(moment.date()), time=f"{moment:%H.%M}")
    return _("{who}, {when}").format(who=edit.by, when=when)


def decisions_table(decisions: Sequence[Edit]) -> Table:
    """Every decision, newest first, for a spreadsheet."""
    rows = [
        (loading.local_time(edit.at).isoformat(sep=" ", timespec="minutes"), edit.by, decision_words(edit))
        for edit in reversed(decisions)
    ]
    return Table.of(_("Decisions by hand"), (_("When"), _("Who"), _("What")), rows)


def _subject(edit: Edit) -> str:
    if edit.table == "units":
        called = names.name("unit", edit.key[0])
        return called if called == edit.key[0] else f"{called} ({edit.key[0]})"
    source, domain, code = edit.key
    return _("{list} {code} ({source})").format(
        list=quality.domain(domain), code=code, source=quality.source_title(source)
    )


def _value(name: str, value: str) -> str:
    if name in ("valid_from", "valid_to"):
        return formats.day(date.fromisoformat(value))
    dimension = {"area": "area", "kind": "unit_kind", "successor": "unit"}.get(name)
    return names.name(dimension, value) if dimension else value


def unknown_table(counts: quality.RowCounts, unknown: Sequence[master.CodeInUse]) -> Table:
    """One row per code without a meaning."""
    rows = [
        (
            one.code,
            Cell(quality.domain(one.domain), one.domain),
            quality.source_title(one.source),
            count_cell(_unknown(counts, one)),
        )
        for one in unknown
    ]
    header = (_("Code"), _("List"), _("Source"), _("Rows"))
    return Table.of(_("Codes without a meaning, most rows first"), header, rows, (3,))


def unit_table(units: Sequence[master.UnitRow]) -> Table:
    """One row per unit."""
    rows = [
        (
            *(unit.unit, unit.name_fi, unit.name_sv or "", kind(unit.kind), names.name("area", unit.area)),
            *(
                days(unit.valid_from, unit.valid_to),
                names.name("unit", unit.successor) if unit.successor else "",
            ),
        )
        for unit in units
    ]
    header = (
        *(_("Unit"), _("Name in Finnish"), _("Name in Swedish"), _("Kind"), _("Area")),
        *(_("In use"), _("Successor")),
    )
    return Table.of(_("Units"), header, rows)
