"""Entering figures: a figure, target, milestone or annotation by hand, checked and loaded as a file is, and taken back."""

from __future__ import annotations

from functools import partial

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.programme.entries import ENTERED, Entry, entries, replaces
from indicators.wording import formats
from indicators.wording.translations import _, language
from pages.access.session import user
from pages.text import figures as words
from pages.text import names
from pages.text.markup import plain
from pages.text.upload import DATASETS, withdrawal_sentences
from pages.ui import address, cache, components, downloads, entry_form, filters, loading
from pages.ui.indicator_choice import choose_indicator
from pages.ui.job_progress import LOADING, Preview, show_jobs, show_outcome, start_job
from pages.ui.jobs import JOBS
from pages.ui.loading import LoadOptions, LoadRecord, LoadReport, Withdrawal
from pages.ui.tables import explained, sorted_table
from pages.ui.upload_parts import show_findings
from pages.views.view import WithoutQuestions

#: The kind of work of this page.
KIND = "entry"
#: In the address: what kind of entry, of which indicator.
WHAT, INDICATOR = "laji", "mittari"
CHECKED, UNDONE = Preview("figures_checked"), Preview("figures_undo")
#: The names of this page's files in the history.
FILE = "lukujen_syotto_{what}.csv"
#: Findings a file is loaded in spite of: an entry is corrected first.
STOPPING = ("bad_optional_value", "unknown_code", "no_source")
SHOWN = 50


def draw() -> None:
    """The page: what is to be entered, the form, the last entry, what is there."""
    cache.current()
    components.heading(
        _("Entering figures"),
        _("Write here what no extract has: a figure, a target, a milestone, an annotation or a new measure."),
    )
    components.how_to_read(
        _(
            "An entry goes through the same checks as a file. It is a load in the history under your name and can be "
            "taken back."
        ),
        summary=_("How this works"),
    )
    show_jobs(KIND, _saved)
    what = filters.choice(
        WHAT, _("What do you enter?"), {one: _(DATASETS[one]) for one in ENTERED}, ENTERED[0]
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
        definition = choose_indicator(INDICATOR, right)
    there: tuple[Entry, ...] = WithoutQuestions.read(
        entries, what, area, definition.id if definition else None
    )
    row = entry_form.form(what, area, definition, there)
    before = next((one for one in there if replaces(what, row, one)), None)
    _check(what, area, row, words.level(before.fields, definition) if before else "")
    _undo()
    _there(there, definition)
    _files(what, area)


# Checking and saving


def _hide_outcomes() -> None:
    """Put away what became of one's earlier entries, when the next thing is done."""
    for job in JOBS.of_line(LOADING):
        if job.kind == KIND and job.owner == user():
            JOBS.forget(job.id)


def _saved(report: LoadReport | Withdrawal) -> None:
    if isinstance(report, Withdrawal):
        st.success(_("The entry was taken back: every number is as if it had never been made."))
    elif report.status == loading.REFUSED:
        _refused(report, _("The entry was not saved."))
    elif report.status == loading.UNCHANGED:
        st.info(_("The same entry is there already. Nothing changed."))
    else:
        st.success(_("The entry was saved as load {number}.").format(number=report.load_id))


def _check(what: str, area: str, row: dict[str, str], before: str) -> None:
    """Check the entry when asked; what it would change is shown as long as the form has what was checked."""
    data, name = loading.written_csv(what, row), FILE.format(what=what)
    options = LoadOptions(source=what, area=area, as_of=loading.now_and_today()[1], loaded_by=user())
    mark = (data, cache.current().version)
    if st.button(
        _("Check the entry"), type="primary", key="check", icon=":material/rule:", on_click=_hide_outcomes
    ):
        CHECKED.start(mark, KIND, name, partial(loading.inspect, name, data, options))
    if CHECKED.mark != mark:
        components.note(_("You see first what the entry would change. Nothing changes yet."))
        return
    job = CHECKED.job(mark)
    if job is None:
        CHECKED.close()
        st.rerun()
    else:
        show_outcome(job, partial(_ask, load=partial(loading.load, name, data, options), before=before))


def loadable(report: LoadReport) -> bool:
    """Whether all of an entry can be loaded: nothing of it is refused, set aside or left out."""
    return (
        report.status == loading.INSPECTED
        and not report.rows_quarantined
        and not any(found.code in STOPPING for found in report.findings)
    )


def _refused(report: LoadReport, said: str) -> None:
    sentences = [said, *words.faults(report.source, report.findings), _("Nothing has changed.")]
    st.error("  \n".join(plain(text) for text in sentences))


def _ask(report: LoadReport, *, load: partial[LoadReport], before: str) -> None:
    """What the checks gave: why the entry cannot be saved, or what it would change and the button that saves it."""
    if not loadable(report):
        _refused(report, _("The entry cannot be saved as it is."))
        return
    if not report.rows_new and not report.rows_changed:
        st.info(_("The same entry is there already, so there is nothing to save."))
        return
    effect = (
        _("The entry replaces the one that is there now: {before}").format(before=before or "–")
        if report.rows_changed
        else _("The entry is new: it replaces nothing.")
    )
    st.markdown(f"**{plain(effect)}**")
    show_findings(report.findings)
    if st.button(
        _("Save the entry"), type="primary", key="save", icon=":material/save:", on_click=_hide_outcomes
    ):
        CHECKED.close()
        job = start_job(LOADING, KIND, _("Saving an entry"), load)
        if job.open or (job.error is None and job.result.status != loading.REFUSED):
            entry_form.begin_anew()
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
    day = formats.day(loading.local_time(record.loaded_at).date())
    said = _("{what}: load {number}, {day}.").format(
        what=_(DATASETS[record.dataset]), number=record.load_id, day=day
    )
    st.markdown(plain(said))
    mark = (record.load_id, cache.current().version)
    job = UNDONE.job(mark)
    if job is not None:
        show_outcome(job, partial(_ask_undo, record.load_id))
    elif st.button(_("Take the entry back …"), key="look", icon=":material/undo:"):
        work = partial(loading.look_at_withdrawal, record.load_id)
        UNDONE.start(mark, KIND, record.load_id, work)
        st.rerun()


def _ask_undo(load_id: str, found: Withdrawal) -> None:
    """What taking an entry back changes, and the button that does it."""
    st.warning("  \n".join(plain(text) for text in withdrawal_sentences(found)))
    with st.container(horizontal=True):
        if st.button(_("Take the entry back"), key="undo", type="primary", on_click=_hide_outcomes):
            UNDONE.close()
            start_job(LOADING, KIND, _("Taking an entry back"), partial(loading.withdraw, load_id))
            st.rerun()
        st.button(_("Keep the entry"), key="keep", on_click=UNDONE.close)


# What is there, and files


def _there(there: tuple[Entry, ...], definition: Definition | None) -> None:
    components.section(_("What is there now"))
    if not there:
        components.empty(
            _("Nothing has been entered for this choice"),
            _("What you enter above, or load as a file, is listed here."),
        )
        return
    sorted_table(
        words.table(there[:SHOWN], definition, _("Entries in force, the last loaded first")), "entries"
    )
    if len(there) > SHOWN:
        components.note(
            _("The first {count} of {all} entries are listed.").format(
                count=formats.number(SHOWN), all=formats.number(len(there))
            )
        )


def _files(what: str, area: str) -> None:
    explained(
        _("Many at once"),
        _(
            "Fill in the template, or correct what is there, in a spreadsheet and load it as a file: the checks are the "
            "same."
        ),
    )
    taker = downloads.Taker.of_run()

    def taken() -> bytes:
        found: tuple[Entry, ...] = WithoutQuestions.read(entries, what, area)
        taker.log("figures", f"{what} of {area}", len(found))
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
