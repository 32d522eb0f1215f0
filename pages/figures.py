"""Entering figures: a figure, target, milestone or annotation by hand, checked and loaded as a file is, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial

import streamlit as st
from babel.dates import get_month_names
from streamlit.delta_generator import DeltaGenerator

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import code_names
from indicators.programme.entries import ENTERED, Entry, entries, replaces
from pages.text import figures as words
from pages.text import formats, names
from pages.text import upload as view
from pages.text.markup import plain
from pages.text.translations import _, language
from pages.text.upload import error_words
from pages.ui import address, cache, components, downloads, filters, loading, measure_form, upload_parts
from pages.ui.indicator_choice import choose_indicator
from pages.ui.jobs import JOBS, Job, Work
from pages.ui.loading import LoadOptions, LoadRecord, LoadReport, Withdrawal
from pages.ui.markup import table_html
from pages.ui.upload_parts import user, watch
from pipelines.warehouse.scales import YES_NO

#: The line of everything that writes to the warehouse, that of the checks, and the kind of work of this page.
LINE, CHECKING, KIND = "loading", "inspecting", "entry"
PATIENCE_SECONDS = 1.5
#: In the address: what kind of entry, of which indicator.
WHAT, INDICATOR = "laji", "mittari"
#: In the session: the entry that was checked and its job, the load whose undoing is looked at, which form it is.
CHECKED, LOOKED_AT, TURN = "figures_checked", "figures_undo", "figures_turn"
#: How the files of this page are called in the history.
FILE = "lukujen_syotto_{what}.csv"
NONE = ""
#: Findings a file is loaded in spite of: an entry is corrected first.
STOPPING = ("bad_optional_value", "unknown_code", "no_source")
SHOWN = 50


def draw() -> None:
    """The page: what is to be entered, the form, the last entry, what is there."""
    cache.current()
    components.title(_("Entering figures"))
    st.markdown(
        _(
            "Write here what no extract has: a figure, a target, a milestone, an annotation or a new measure. An "
            "entry goes through the same checks as a file. It is a load in the history under your name and can be "
            "taken back."
        )
    )
    upload_parts.jobs_of(LINE, KIND, _saved)
    what = filters.choice(
        WHAT, _("What do you enter?"), {one: _(view.DATASETS[one]) for one in ENTERED}, ENTERED[0]
    )
    left, right = st.columns(2)
    area = cache.settings().default_area
    if what != "measures":
        with left:
            areas = loading.area_names(language())
            area = filters.choose(
                address.PARAMETERS["area"], names.dimension("area"), list(areas), area, areas.__getitem__
            )
    definition = None
    if what not in ("milestones", "measures"):
        definition = _indicator(right)
    there: tuple[Entry, ...] = cache.cached_call(entries, what, area, definition.id if definition else None)
    row = _form(what, area, definition, there)
    before = next((one for one in there if replaces(what, row, one)), None)
    _check(what, area, row, words.level(before.fields, definition) if before else "")
    _undo()
    _there(there, definition)
    _files(what, area)


def _indicator(place: DeltaGenerator) -> Definition:
    return choose_indicator(INDICATOR, place)


# Jobs


def start(line: str, title: str, work: Work) -> Job:
    """Begin work in the background, and wait a moment in case it is quick."""
    now, _today = loading.now_and_today()
    job = JOBS.start(line, KIND, title, user(), now, work)
    job.wait(PATIENCE_SECONDS)
    return job


def _tell_no_more() -> None:
    """Put away what became of one's earlier entries, when the next thing is done."""
    for job in JOBS.of_line(LINE):
        if job.kind == KIND and job.owner == user():
            JOBS.forget(job.id)


def _saved(report: LoadReport | Withdrawal) -> None:
    """What became of an entry."""
    if isinstance(report, Withdrawal):
        st.success(_("The entry was taken back: every number is as if it had never been made."))
    elif report.status == loading.REFUSED:
        _told(report, _("The entry was not saved."))
    elif report.status == loading.UNCHANGED:
        st.info(_("The same entry is there already. Nothing changed."))
    else:
        st.success(_("The entry was saved as load {number}.").format(number=report.load_id))


# The form


def _form(what: str, area: str, definition: Definition | None, there: tuple[Entry, ...]) -> dict[str, str]:
    """The fields of an entry; returns them as they are written (field → text)."""
    with st.container(border=True):
        if what == "milestones":
            return {"area": area, **_milestone(there)}
        if what == "measures":
            components.note(
                _(
                    "A measure is an indicator of which no extract has rows. Once it is defined, figures and targets of it "
                    "can be entered."
                )
            )
            return measure_form.form(there, _text, _key)
        row = {"area": area, "indicator": definition.id if definition else ""}
        if definition is not None:
            components.note(names.text(definition).what)
        if what == "figures" and definition is not None and definition.row_level:
            components.note(
                _("An entered figure counts for its period, also where extracts cover it.")
                if definition.figures_first
                else _(
                    "This indicator is computed from the rows of extracts. An entered figure counts only for periods "
                    "that extracts do not cover fully."
                )
            )
        if what == "annotations":
            return _annotation(row)
        row |= _period()
        return row | (_figure(definition) if what == "figures" else _target(definition))


def _key(name: str) -> str:
    """The key of a field; a new form has new ones, so that it begins empty."""
    return f"entry_{name}_{st.session_state.setdefault(TURN, 0)}"


def _text(name: str, label: str, *, value: str = "", help: str | None = None, long: bool = False) -> str:
    """A field of text, without spaces around it and in one line."""
    box: Callable[..., str | None] = st.text_area if long else st.text_input
    return " ".join((box(label, value=value, key=_key(name), help=help) or "").split())


def _day(name: str, label: str, *, value: date | None = None, help: str | None = None) -> str:
    """A day as a file has it; empty where none is given."""
    chosen = st.date_input(
        label,
        value=value,
        key=_key(name),
        help=help,
        format="DD.MM.YYYY",
        min_value=date(1990, 1, 1),
        max_value=date(2100, 12, 31),
    )
    return chosen.isoformat() if isinstance(chosen, date) else ""


def _period() -> dict[str, str]:
    """The period: a year, a quarter, a month, or from one day to another."""
    kinds = {"year": _("Year"), "quarter": _("Quarter"), "month": _("Month"), "days": _("Two days")}
    cells = st.columns(3, vertical_alignment="bottom")
    with cells[0]:
        kind = st.selectbox(_("Period"), list(kinds), format_func=kinds.__getitem__, key=_key("period"))
    if kind == "days":
        with cells[1]:
            first = _day("first", _("First day"))
        with cells[2]:
            last = _day("last", _("Last day"))
        return {"period_start": first, "period_end": last}
    with cells[1]:
        _now, today = loading.now_and_today()
        latest = today.year - 1
        given = st.number_input(
            _("Year"), min_value=1990, max_value=2100, value=latest, step=1, key=_key("year")
        )
        year = latest if given is None else int(given)
    begin, months = 1, 12
    with cells[2]:
        if kind == "quarter":
            quarter = st.selectbox(
                _("Quarter"),
                [1, 2, 3, 4],
                format_func=lambda one: formats.period(f"{year}-Q{one}"),
                key=_key("quarter"),
            )
            begin, months = 3 * quarter - 2, 3
        elif kind == "month":
            named = get_month_names("wide", "stand-alone", formats.locale())
            begin = st.selectbox(
                _("Month"), list(range(1, 13)), format_func=lambda one: named[one], key=_key("month")
            )
            months = 1
    after = begin + months
    end = date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
    return {"period_start": date(year, begin, 1).isoformat(), "period_end": end.isoformat()}


def _figure(definition: Definition | None) -> dict[str, str]:
    unit = definition.unit if definition else ""
    row = {"unit": unit, "numerator": "", "denominator": ""}
    cells = st.columns(3)
    with cells[0]:
        label = _("Value ({unit})").format(unit=words.unit_words(unit))
        row["value"] = _step("value", label, definition) if _stepped(definition) else _text("value", label)
    if unit != "count" and not _stepped(definition):
        with cells[1]:
            row["numerator"] = _text("numerator", _("or numerator"))
        with cells[2]:
            row["denominator"] = _text("denominator", _("and denominator"))
    services = [code for domain, code in code_names() if domain == "service"]
    row["service"] = st.selectbox(
        names.dimension("service"),
        [NONE, *services],
        format_func=lambda code: names.name("service", code) if code else _("All services"),
        key=_key("service"),
    )
    return row | {"cited_source": _source(), "note": _text("note", _("Note"))}


def _target(definition: Definition | None) -> dict[str, str]:
    unit = definition.unit if definition else ""
    cells = st.columns(3)
    with cells[0]:
        options = [NONE, *words.COMPARATORS]
        comparator = st.selectbox(
            _("The target is"),
            options,
            format_func=lambda one: _(words.COMPARATORS[one]) if one else "–",
            key=_key("comparator"),
        )
    with cells[1]:
        label = _("Target level")
        value = _step("value", label, definition) if _stepped(definition) else _text("value", label)
    with cells[2]:
        units = ["days", "months"] if unit == "days" else [unit]
        chosen = st.selectbox(
            _("Unit"), units, format_func=words.unit_words, key=_key("unit") + unit, disabled=len(units) == 1
        )
    wording = _text("as_written", _("As written"), help=_("The words of the source, unchanged."))
    return {
        "comparator": comparator,
        "value": value,
        "unit": chosen or unit,
        "as_written": wording,
        "cited_source": _source(),
    }


def _stepped(definition: Definition | None) -> bool:
    """Whether the values of an indicator are chosen from steps."""
    return definition is not None and bool(definition.steps)


def _step(name: str, label: str, definition: Definition | None) -> str:
    """One of the steps of a stage or of yes and no, as its number; empty where none is chosen."""
    if definition is None:
        return NONE
    first = 0 if definition.unit == YES_NO else 1
    options = [NONE, *(str(first + at) for at in range(len(definition.steps)))]
    return st.selectbox(
        label,
        options,
        format_func=lambda one: formats.step(float(one), definition) if one else "–",
        key=_key(f"{name}_{definition.id}"),
    )


def _milestone(there: tuple[Entry, ...]) -> dict[str, str]:
    """A milestone: a new one, or one that is there with what has become of it."""
    known = sorted(there, key=lambda one: (one.fields["project"], one.fields["milestone"]))
    at = st.selectbox(
        _("Milestone"),
        [-1, *range(len(known))],
        format_func=lambda one: known[one].fields["milestone"] if one >= 0 else _("A new milestone"),
        key=_key("known"),
    )
    now: Mapping[str, object] = known[at].fields if at >= 0 else {}

    def text(name: str, label: str) -> str:
        return _text(f"{name}_{at}", label, value=str(now.get(name) or ""))

    def day(name: str, label: str) -> str:
        before = now.get(name)
        return _day(f"{name}_{at}", label, value=before if isinstance(before, date) else None)

    row = {name: str(now.get(name) or "") for name in ("project", "work_package", "milestone", "scale")}
    if at < 0:
        row = {
            "project": text("project", _("Project")),
            "work_package": text("work_package", _("Work package")),
            "milestone": text("milestone", _("Milestone")),
            "scale": text("scale", _("Scale")),
        }
    cells = st.columns(3)
    with cells[0]:
        row["planned_start"] = day("planned_start", _("Planned from"))
    with cells[1]:
        row["planned_end"] = day("planned_end", _("Planned to"))
    with cells[2]:
        row["achieved_on"] = day("achieved_on", _("Achieved on"))
    steps = loading.steps_of(row["scale"])
    if steps:
        before = str(now.get("status") or "")
        options = list(dict.fromkeys([NONE, *steps, before]))
        row["status"] = st.selectbox(
            _("Status"),
            options,
            index=options.index(before),
            format_func=lambda one: one or "–",
            key=_key(f"status_{at}"),
        )
    else:
        row["status"] = text("status", _("Status"))
    row["as_written"] = text("as_written", _("As written"))
    return row | {"cited_source": _source(str(now.get("cited_source") or ""), f"cited_source_{at}")}


def _annotation(row: dict[str, str]) -> dict[str, str]:
    row["date"] = _day("date", _("Day"))
    row["text_fi"] = _text("text_fi", _("Annotation in Finnish"), long=True)
    row["text_sv"] = _text("text_sv", _("Annotation in Swedish"), long=True)
    breaks = st.checkbox(
        _("The series begins anew here"),
        key=_key("break"),
        help=_("After this day the limits of usual variation are computed again."),
    )
    return row | {"break": "yes" if breaks else "no"}


def _source(value: str = "", name: str = "cited_source") -> str:
    return _text(
        name,
        _("Source"),
        value=value,
        help=_("The document and its place, for example a report and its chapter."),
    )


# Checking and saving


def _check(what: str, area: str, row: dict[str, str], before: str) -> None:
    """Check the entry when asked; what it would change is shown as long as the form says what was checked."""
    data = loading.written_csv(what, row)
    asked = st.button(
        _("Check the entry"), type="primary", key="check", icon=":material/rule:", on_click=_tell_no_more
    )
    if asked:
        _put_away()
        options = LoadOptions(source=what, area=area, as_of=loading.now_and_today()[1], loaded_by=user())
        name = FILE.format(what=what)
        job = start(CHECKING, name, partial(loading.inspect, name, data, options))
        st.session_state[CHECKED] = (data, _state(), name, options, job.id)
    checked = st.session_state.get(CHECKED)
    if checked is None or checked[:2] != (data, _state()):
        components.note(_("You see first what the entry would change. Nothing changes yet."))
        return
    *_said, name, options, job_id = checked
    job = JOBS.get(job_id)
    if job is None:
        st.session_state.pop(CHECKED)
        st.rerun()
    elif job.open:
        watch(job.id)
    elif job.error is not None:
        st.error(plain(error_words(job.error)))
    else:
        _ask(job.result, name, data, options, before)


def _state() -> str:
    """The published version, for which alone a check holds."""
    return cache.current().version


def _put_away() -> None:
    checked = st.session_state.pop(CHECKED, None)
    if checked is not None:
        JOBS.forget(checked[-1])


def loadable(report: LoadReport) -> bool:
    """Whether all of an entry can be loaded: nothing of it is refused, set aside or left out."""
    return (
        report.status == loading.INSPECTED
        and not report.rows_quarantined
        and not any(found.code in STOPPING for found in report.findings)
    )


def _told(report: LoadReport, said: str) -> None:
    """Why an entry is not saved, in sentences about its fields."""
    sentences = [said, *words.faults(report.source, report.findings), _("Nothing has changed.")]
    st.error("  \n".join(plain(text) for text in sentences))


def _ask(report: LoadReport, name: str, data: bytes, options: LoadOptions, before: str) -> None:
    """What the checks gave: why the entry cannot be saved, or what it would change and the button that saves it."""
    if not loadable(report):
        _told(report, _("The entry cannot be saved as it is."))
        return
    if not report.rows_new and not report.rows_changed:
        st.info(_("The same entry is there already, so there is nothing to save."))
        return
    told = (
        _("The entry replaces the one that is there now: {before}").format(before=before or "–")
        if report.rows_changed
        else _("The entry is new: it replaces nothing.")
    )
    st.markdown(f"**{plain(told)}**")
    upload_parts.show_findings(report.findings)
    if st.button(
        _("Save the entry"), type="primary", key="save", icon=":material/save:", on_click=_tell_no_more
    ):
        _put_away()
        job = start(LINE, _("Saving an entry"), partial(loading.load, name, data, options))
        if job.open or (job.error is None and job.result.status != loading.REFUSED):
            st.session_state[TURN] += 1
        st.rerun()


# Taking the last entry back


def last_entry() -> LoadRecord | None:
    """The newest entry of the person at the page that counts and can be taken back."""
    mine = {FILE.format(what=what) for what in ENTERED}
    return next(
        (
            one
            for one in loading.contents().records
            if one.file in mine
            and one.loaded_by == user()
            and one.status == loading.ACTIVE
            and not one.frozen
        ),
        None,
    )


def _undo() -> None:
    """The last entry, and taking it back: first what that changes, then the button."""
    record = last_entry()
    if record is None:
        return
    components.section(_("Your last entry"))
    st.markdown(
        plain(
            _("{what}: load {number}, {day}.").format(
                what=_(view.DATASETS[record.dataset]),
                number=record.load_id,
                day=formats.day(loading.local_time(record.loaded_at).date()),
            )
        )
    )
    looked = st.session_state.get(LOOKED_AT)
    job = JOBS.get(looked[2]) if looked is not None and looked[:2] == (record.load_id, _state()) else None
    if job is None:
        if st.button(_("Take the entry back …"), key="look", icon=":material/undo:"):
            job = start(CHECKING, record.load_id, partial(loading.look_at_withdrawal, record.load_id))
            st.session_state[LOOKED_AT] = (record.load_id, _state(), job.id)
            st.rerun()
    elif job.open:
        watch(job.id)
    elif job.error is not None:
        st.error(plain(error_words(job.error)))
    else:
        st.warning("  \n".join(plain(text) for text in view.withdrawal_sentences(job.result)))
        with st.container(horizontal=True):
            if st.button(_("Take the entry back"), key="undo", type="primary", on_click=_tell_no_more):
                _stop_looking()
                start(LINE, _("Taking an entry back"), partial(loading.withdraw, record.load_id))
                st.rerun()
            st.button(_("Keep the entry"), key="keep", on_click=_stop_looking)


def _stop_looking() -> None:
    looked = st.session_state.pop(LOOKED_AT, None)
    if looked is not None:
        JOBS.forget(looked[2])


# What is there, and files


def _there(there: tuple[Entry, ...], definition: Definition | None) -> None:
    components.section(_("What is there now"))
    if not there:
        components.empty(
            _("Nothing has been entered for this choice"),
            _("What you enter above, or load as a file, is listed here."),
        )
        return
    st.html(table_html(words.table(there[:SHOWN], definition, _("Entries in force, the last loaded first"))))
    if len(there) > SHOWN:
        components.note(
            _("The first {count} of {all} entries are listed.").format(
                count=formats.number(SHOWN), all=formats.number(len(there))
            )
        )


def _files(what: str, area: str) -> None:
    components.section(
        _("Many at once"),
        _(
            "Fill in the template, or correct what is there, in a spreadsheet and load it as a file: the checks are the "
            "same."
        ),
    )
    folder, who = cache.settings().warehouse, downloads.reader()

    def taken() -> bytes:
        found: tuple[Entry, ...] = cache.cached_call(entries, what, area)
        downloads.log(folder, who, "figures", f"{what} of {area}", len(found))
        return words.as_file(what, found)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download the template (CSV)"),
            data=loading.written_csv(what),
            file_name=f"{what}.csv",
            mime="text/csv",
            key="template",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            _("Download what is there (CSV)"),
            data=taken,
            file_name=f"{what}_{area}.csv",
            mime="text/csv",
            key="everything",
            icon=":material/download:",
            on_click="ignore",
        )
        components.link("upload", _("Go to loading data"))


components.guarded(draw)
