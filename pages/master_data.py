"""Units and codes: what a source's code means, what a unit is, who decided so, and taking a decision back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

import streamlit as st

from indicators.catalogue.labels import code_names
from indicators.wording import formats
from indicators.wording.translations import N_, _, language, ngettext
from pages.access.session import user
from pages.sheet import action_list, columns, sheet_grid
from pages.text import master_data as words
from pages.text.data_quality import RowCounts
from pages.text.markup import plain
from pages.ui import cache, components, downloads, filters, loading, sheet
from pages.ui.job_progress import LOADING, show_jobs, start_job
from pages.ui.loading import Edit, master
from pages.ui.tables import sorted_html, sorted_table
from pages.ui.upload_parts import localise_uploader
from pages.views.view import PageView

#: The kind of work of this page.
KIND = "master"
#: In the session: the decision that is about to be taken back, the file that is about to be taken in, its turn.
BACK, TAKEN_IN, TURN = "master_back", "master_file", "master_turn"
NONE = ""
VIEW, CODES, UNITS, DECISIONS, FILES = "nakyma", "koodit", "yksikot", "paatokset", "taulukkona"
TABS = {
    CODES: N_("What the codes mean"),
    UNITS: N_("Units"),
    DECISIONS: N_("Decisions by hand"),
    FILES: N_("Edit in a spreadsheet"),
}
DECISIONS_SHOWN, CHANGES_SHOWN = 20, 30


def _counts() -> RowCounts:
    """How counts of rows are shown to the audience of the run."""
    return RowCounts(PageView.noise(), cache.settings())


def draw() -> None:
    """The page: finding, codes, units, decisions, files."""
    loading.keep_uploads_in_memory()
    codes: tuple[master.CodeInUse, ...] = PageView.read(master.codes_in_use)
    units: tuple[master.UnitRow, ...] = PageView.read(master.units)
    components.title(_("Units and codes"), *[unit for unit in units if unit.demo][:1])
    components.finding(words.finding(_counts(), codes, units))
    show_jobs(KIND, lambda result: st.success(words.saved(result)))
    unknown = [one for one in codes if one.unknown]
    decisions = loading.decisions()
    kindless = [unit for unit in units if unit.kind is None]
    to_do = words.actions(unknown, kindless, {tab: components.link_here({VIEW: tab}) for tab in TABS})
    nothing = _("Nothing asks for action: every code and unit is known.")
    asked = action_list(_("What to do"), to_do, "" if to_do else nothing)
    shown = ""
    if unknown:
        shown = sorted_html(
            words.unknown_table(_counts(), unknown),
            "unknown",
            heading=_("Codes without a meaning, most rows first"),
        )
    elif kindless:
        shown = sorted_html(words.unit_table(kindless), "kindless", heading=_("Units without a kind"))
    number = words.number(codes, units, decisions)
    sheet.show(sheet_grid(number + asked, shown) if shown else columns(number, asked), key="first")
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        if opened == UNITS:
            _units(units)
        elif opened == DECISIONS:
            _decisions(decisions)
        elif opened == FILES:
            _files()
        else:
            _codes(codes, unknown)


def save(title: str, edits: tuple[Edit, ...]) -> None:
    """Put decisions into force in the background, after what is being loaded, and show the page anew."""
    start_job(LOADING, KIND, title, partial(loading.decide, edits))
    st.rerun()


# Codes


def _codes(codes: tuple[master.CodeInUse, ...], unknown: list[master.CodeInUse]) -> None:
    components.how_to_read(
        _(
            "The sources' own codes stay as they are; here you say what they mean in ours. A new "
            "meaning renames all history, and nothing is loaded again."
        ),
        summary=_("How this works"),
    )
    if not unknown:
        components.note(_("Every code has a meaning. You can still change one below."))
    if not codes:
        return
    with st.container(border=True):
        every = st.toggle(_("Also codes that have a meaning"), value=not unknown, key="master_every")
        offered = {_key(one): one for one in (codes if every or not unknown else unknown)}
        counts = _counts()
        chosen = st.selectbox(
            _("Code"),
            list(offered),
            format_func=lambda key: words.code_words(counts, offered[key]),
            key="master_code",
        )
        if chosen is not None:
            _meaning(offered[chosen])


def _meaning(one: master.CodeInUse) -> None:
    """Choosing what a code means: what it will do is shown above the button."""
    ours = words.our_codes(one.domain, code_names(), PageView.read(master.units))
    now = one.meanings[0][0] if one.meanings else None
    key = "-".join((*_key(one), cache.current().version))
    # Streamlit's own words for an empty choice are English.
    picked = st.selectbox(
        _("Means"),
        [NONE, *ours],
        index=([NONE, *ours].index(now) if now in ours else 0),
        format_func=lambda code: ours.get(code, _("Choose …")),
        key=f"master_ours-{key}",
    )
    always = not st.toggle(_("Only for a part of the time"), key=f"master_part-{key}")
    valid: tuple[date | None, date | None] = (None, None)
    if not always:
        left, right = st.columns(2)
        valid = (
            left.date_input(_("From"), value=None, key=f"master_from-{key}", format="DD.MM.YYYY"),
            right.date_input(_("To"), value=None, key=f"master_to-{key}", format="DD.MM.YYYY"),
        )
        components.note(
            _(
                "Outside these days the code has no meaning. For several meanings one after another use the file below."
            )
        )
    same = not picked or one.meanings == ((picked, *valid),)
    if not picked:
        components.note(_("Choose what the code means; then you see what saving does."))
    elif same:
        components.note(_("The code means this already."))
    else:
        st.markdown(plain(words.code_effect(_counts(), one, ours[picked], valid)))
    if st.button(_("Save the meaning"), type="primary", key="master_save_code", disabled=same):
        try:
            edit = loading.code_decision(one.source, one.domain, one.code, picked, valid, user())
        except loading.TakuuvahtiError as error:
            st.error(error.message(language()))
            return
        save(_("Meaning of the code {code}").format(code=one.code), (edit,))


def _key(one: master.CodeInUse) -> tuple[str, str, str]:
    return (one.source, one.domain, one.code)


# Units


def _units(units: tuple[master.UnitRow, ...]) -> None:
    components.how_to_read(
        _(
            "Names, kinds and times of the units. The share of health centres that are monitored is counted from the units "
            "of that kind. What is decided here goes before what the extracts say."
        ),
        summary=_("How this works"),
    )
    if not units:
        components.empty(_("There are no units yet"), _("They come with the first extract."))
        return
    with st.expander(_("All units"), key="table_units"):
        sorted_table(words.unit_table(units), "units", what="units")
    by_code = {unit.unit: unit for unit in units}
    with st.container(border=True):
        chosen = st.selectbox(
            _("Unit to edit"),
            list(by_code),
            format_func=lambda code: words.unit_words(by_code[code]),
            key="master_unit",
        )
        _unit(by_code[chosen], by_code)


def _unit(unit: master.UnitRow, all_units: Mapping[str, master.UnitRow]) -> None:
    kinds = {code: name[language()] for (domain, code), name in code_names().items() if domain == "unit_kind"}
    areas = dict(loading.area_names(language()))
    code = unit.unit
    # The fields are filled from one published version: after a change they are filled anew.
    key = f"{code}-{cache.current().version}"
    left, right = st.columns(2)
    with left:
        name_fi = st.text_input(_("Name in Finnish"), unit.name_fi, key=f"name_fi-{key}")
        name_sv = st.text_input(_("Name in Swedish"), unit.name_sv or "", key=f"name_sv-{key}")
        name_en = st.text_input(_("Name in English"), unit.name_en or "", key=f"name_en-{key}")
        valid_from = st.date_input(_("In use from"), unit.valid_from, key=f"from-{key}", format="DD.MM.YYYY")
    with right:
        kind = _choice(_("Kind"), kinds, unit.kind, _("not said"), f"kind-{key}")
        area = _choice(_("Area"), areas, unit.area, _("not said"), f"area-{key}")
        others = {other: words.unit_words(row) for other, row in all_units.items() if other != code}
        successor = _choice(
            _("Successor"),
            others,
            unit.successor,
            _("none"),
            f"successor-{key}",
            _("The unit that goes on with the work of this one, where it is merged or closed."),
        )
        valid_to = st.date_input(_("In use to"), unit.valid_to, key=f"to-{key}", format="DD.MM.YYYY")
    wanted = {
        "unit": code,
        "area": area,
        "kind": kind,
        "name_fi": name_fi.strip(),
        "name_sv": name_sv.strip(),
        "name_en": name_en.strip(),
        "valid_from": valid_from.isoformat() if valid_from else "",
        "valid_to": valid_to.isoformat() if valid_to else "",
        "successor": successor,
    }
    try:
        edits = loading.unit_decisions(wanted, user())
    except loading.TakuuvahtiError as error:
        st.error(error.message(language()))
        return
    components.note(
        _("Changes are seen on every page, in all history. A field left blank is as the extracts say.")
        if edits
        else _("Nothing is changed yet.")
    )
    if st.button(_("Save the unit"), type="primary", key="master_save_unit", disabled=not edits):
        save(_("Unit {unit}").format(unit=name_fi or code), edits)


def _choice(
    label: str, options: Mapping[str, str], now: str | None, none: str, key: str, tip: str = ""
) -> str:
    codes = [NONE, *options]
    return st.selectbox(
        label,
        codes,
        index=codes.index(now) if now in codes else 0,
        format_func=lambda code: options.get(code, none),
        key=key,
        help=tip or None,
    )


# Decisions


def _decisions(decisions: tuple[Edit, ...]) -> None:
    components.how_to_read(
        _(
            "Who decided what and when. The newest decision about a unit or a code counts; it can be taken back."
        ),
        summary=_("How this works"),
    )
    if not decisions:
        components.note(
            _("Nothing has been decided by hand: names and codes are as the sources and shipped lists say.")
        )
        return
    newest: dict[tuple[str, tuple[str, ...]], int] = {
        (edit.table, edit.key): at for at, edit in enumerate(decisions)
    }
    shown = list(enumerate(decisions))[::-1]
    for at, edit in shown[:DECISIONS_SHOWN]:
        _decision(at, edit, newest[edit.table, edit.key] == at)
    if len(shown) > DECISIONS_SHOWN:
        components.note(
            _("The newest {count} of {all} decisions; the file has all of them.").format(
                count=DECISIONS_SHOWN, all=formats.number(len(shown))
            )
        )
    table = words.decisions_table(decisions)
    components.download(table, "decisions", what="decisions about units and codes")


def _decision(at: int, edit: Edit, in_force: bool) -> None:
    with st.container(border=True):
        st.markdown(plain(words.decision_words(edit)))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            state = _("● in force") if in_force else _("○ replaced by a later one")
            # Not Markdown, which would make a link of an address.
            components.note(f"{words.by_whom(edit)} · {state}")
            if in_force and st.session_state.get(BACK) != at:
                st.button(
                    _("Take back …"), key=f"back-{at}", on_click=st.session_state.__setitem__, args=(BACK, at)
                )
        if in_force and st.session_state.get(BACK) == at:
            back = loading.take_back_decision(edit, user())
            if back.values == edit.values:
                st.info(_("There is nothing to take back: nothing was decided before."))
            else:
                st.warning(plain(_("After that: {decision}.").format(decision=words.decision_words(back))))
            with st.container(horizontal=True):
                if st.button(
                    _("Take the decision back"),
                    type="primary",
                    key=f"back-now-{at}",
                    disabled=back.values == edit.values,
                ):
                    st.session_state.pop(BACK, None)
                    save(_("Taking a decision back"), (back,))
                st.button(
                    _("Keep the decision"),
                    key=f"back-not-{at}",
                    on_click=st.session_state.pop,
                    args=(BACK, None),
                )


# Files


def _files() -> None:
    components.how_to_read(
        _(
            "Take the units or the codes out as CSV, change them in Excel, and drop the file here. You see what it would "
            "change before anything is saved. What the file does not have stays as it is."
        ),
        summary=_("How this works"),
    )
    with st.container(horizontal=True):
        for key, label, make in (
            ("units_file", _("Download the units (CSV)"), loading.units_csv),
            ("codes_file", _("Download the codes (CSV)"), loading.codes_csv),
        ):
            st.download_button(
                label,
                data=partial(_taken, key, make, downloads.Taker.of_run()),
                file_name=f"{key.partition('_')[0]}.csv",
                mime="text/csv",
                key=key,
                icon=":material/download:",
                on_click="ignore",
            )
    turn = st.session_state.setdefault(TURN, 0)
    dropped = st.file_uploader(
        _("File of units or codes (CSV)"), key=f"master_upload_{turn}", max_upload_size=20
    )
    localise_uploader(turn, single=True, megabytes=20)
    if dropped:
        st.session_state[TAKEN_IN] = dropped.getvalue()
        st.session_state[TURN] = turn + 1
        st.rerun()
    if TAKEN_IN in st.session_state:
        _planned(st.session_state[TAKEN_IN])


def _taken(what: str, make: partial[bytes], taker: downloads.Taker) -> bytes:
    """A file of master data; taking it is logged. Called outside the run, where no reader is known."""
    data = make()
    taker.log("master_data", what, data.count(b"\n") - 1)
    return data


def _planned(data: bytes) -> None:
    """What a file would change, and the button that saves it."""
    close = partial(st.session_state.pop, TAKEN_IN, None)
    put_away = partial(st.button, _("Put the file away"), key="master_file_away", on_click=close)
    try:
        edits = loading.decisions_in_file(data, user())
    except loading.TakuuvahtiError as error:
        st.error(error.message(language()))
        put_away()
        return
    if not edits:
        st.info(_("The file changes nothing: everything in it is so already."))
        put_away()
        return
    text = ngettext(
        "The file changes {count} unit or code:", "The file changes {count} units or codes:", len(edits)
    )
    st.markdown("**" + text.format(count=formats.number(len(edits))) + "**")
    st.markdown("\n".join(f"- {plain(words.decision_words(edit))}" for edit in edits[:CHANGES_SHOWN]))
    if len(edits) > CHANGES_SHOWN:
        components.note(_("… and {count} more.").format(count=formats.number(len(edits) - CHANGES_SHOWN)))
    with st.container(horizontal=True):
        if st.button(_("Save the changes"), type="primary", key="master_save_file"):
            close()
            save(_("Units and codes from a file"), edits)
        put_away()


components.guarded(draw)
