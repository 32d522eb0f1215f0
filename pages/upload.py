"""Loading extracts: what a file is, what is wrong with it, what loading it would do; then the load and the history."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from indicators.wording.formats import number
from indicators.wording.translations import N_, _, ngettext
from pages.access.session import user
from pages.text import upload as view
from pages.text.markup import plain
from pages.ui import (
    components,
    downloads,
    filters,
    loading,
    own_mapping,
    upload_choices,
    upload_parts,
    withdrawal,
)
from pages.ui.job_progress import (
    INSPECTING,
    LOADING,
    PATIENCE_SECONDS,
    show_outcome,
    start_job,
    submit_job,
    watch,
)
from pages.ui.jobs import JOBS, Job
from pages.ui.loading import Contents, LoadOptions, LoadReport, Withdrawal
from pages.ui.upload_parts import Entry
from pages.ui.withdrawal import LOAD, WITHDRAW

VIEW, HISTORY, DEMO, RETENTION = "nakyma", "historia", "esittelyaineisto", "sailytys"
TABS = {
    HISTORY: N_("History of loads"),
    DEMO: N_("Demo data"),
    RETENTION: N_("How long data is stored"),
}
MAKE, ADD_DEMO, TAKE_DEMO = "make", "add_demo", "take_demo"
KINDS = (LOAD, MAKE, ADD_DEMO, TAKE_DEMO, WITHDRAW)
HISTORY_STEP = 10
BASKET = "upload_basket"
JOB_TITLES = {
    MAKE: N_("Making the first warehouse"),
    ADD_DEMO: N_("Loading the demo data"),
    TAKE_DEMO: N_("Taking the demo data away"),
}


def basket() -> list[Entry]:
    """The files of this session that wait for their load."""
    return st.session_state.setdefault(BASKET, [])


# Jobs


def show_jobs(contents: Contents) -> None:
    """Loads under way and those that ended, until they are put away or what they loaded no longer counts."""
    for job in JOBS.of_line(LOADING):
        if job.kind not in KINDS:
            continue
        if no_longer_holds(job, contents):
            JOBS.forget(job.id)
            continue
        with st.container(border=True):
            title = _(JOB_TITLES[job.kind]) if job.kind in JOB_TITLES else job.title
            st.markdown(f"**{plain(title)}**")
            show_outcome(job, partial(show_result, job.kind))
            if job.open:
                components.note(_("You may leave this page: the work goes on, and you find it here again."))
                if job.owner != user():
                    components.note(_("Started by {who}.").format(who=job.owner))
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                if job.error is None and job.kind not in (TAKE_DEMO, WITHDRAW):
                    components.link("care_guarantee", _("See the care guarantee"))
                st.button(_("Put away"), key=f"forget-{job.id}", on_click=JOBS.forget, args=(job.id,))


def no_longer_holds(job: Job, contents: Contents) -> bool:
    """Whether a job says that a file was loaded whose load has been taken away since, wherever that was done."""
    if job.open or job.error is not None or job.kind != LOAD or job.result.status != loading.LOADED:
        return False
    now = {record.load_id: record.status for record in contents.records}
    return now.get(job.result.load_id, loading.WITHDRAWN) == loading.WITHDRAWN


def show_result(kind: str, result: Any) -> None:
    """What a finished job brought about."""
    if kind == LOAD:
        show_load(result)
    elif kind == WITHDRAW:
        show_withdrawn(result)
    elif kind == TAKE_DEMO:
        removed = ngettext(
            "{count} load of demo data was taken away.", "{count} loads of demo data were taken away.", result
        ).format(count=number(result))
        st.success(f"{removed} {view.left_words(loading.contents())}")
    else:
        loaded = sum(report.status in (loading.LOADED, loading.UNCHANGED) for report in result)
        st.success(
            ngettext("{count} file was loaded.", "{count} files were loaded.", loaded).format(
                count=number(loaded)
            )
        )
        for report in result:
            if report.status == loading.REFUSED:
                show_load(report)


def show_withdrawn(found: Withdrawal) -> None:
    """What became of a load that was withdrawn."""
    done = _("Load {number} was withdrawn.").format(number=found.record.load_id)
    st.success(plain(" ".join([done, *view.withdrawal_sentences(found)])))
    components.note(_("The load stays in the history as taken away. To have it back, load its file again."))


def show_load(report: LoadReport) -> None:
    """What became of one file."""
    sentence = plain(view.result_sentence(report))
    if report.status == loading.REFUSED:
        st.error(sentence)
        upload_parts.show_findings(report.findings)
        return
    if report.status == loading.UNCHANGED:
        st.info(sentence)
    else:
        st.success(sentence)
        if report.takes_demo_away:
            st.info(_("The demo data was taken away: the pages now show your own rows only."))
    if report.status == loading.LOADED:
        upload_parts.show_notes(report)


# Files that wait for their load


def receive() -> None:
    """Take dropped files into the basket and empty the uploader, whose own list would show their names unmasked."""
    turn = st.session_state.setdefault("upload_turn", 0)
    dropped = st.file_uploader(
        _("Choose or drop files"),
        accept_multiple_files=True,
        key=f"upload_files_{turn}",
        max_upload_size=loading.MAX_MEGABYTES,
        help=_(
            "CSV or text files, Excel workbooks (.xlsx), and .gz or .zip with one CSV in it; at most {size} MB "
            "each. Several at once will do."
        ).format(size=loading.MAX_MEGABYTES),
    )
    upload_parts.localise_uploader(turn)
    if dropped:
        area = loading.settings().default_area
        for file in dropped:
            basket().append(
                Entry(file.name, file.getvalue(), options=LoadOptions(area=area, loaded_by=user()))
            )
        st.session_state["upload_turn"] = turn + 1
        st.rerun()


def refresh(entry: Entry, seen: object) -> None:
    """Inspect a file anew where its choices or the warehouse are no longer those it was inspected for."""
    wanted = (entry.options, seen)
    if entry.inspected != wanted:
        entry.inspected, entry.report, entry.error = wanted, None, None
        work = partial(loading.inspect, entry.name, entry.data, entry.options)
        entry.job_id = start_job(INSPECTING, LOAD, entry.shown, work).id
    job = JOBS.get(entry.job_id) if entry.job_id else None
    if job is not None and not job.open:
        entry.report, entry.error, entry.job_id = job.result, job.error, None
        JOBS.forget(job.id)


def remove(entry_id: str) -> None:
    """Take a file out of the basket; nothing was loaded of it."""
    st.session_state[BASKET] = [entry for entry in basket() if entry.id != entry_id]


def show_entry(entry: Entry) -> None:
    """One file: what it is, what may be chosen, what is wrong with it, what loading it would do."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{plain(entry.shown)}** · {view.size(entry.data)}", width="content")
            st.button(
                _("Leave out"),
                key=f"remove-{entry.id}",
                on_click=remove,
                args=(entry.id,),
                icon=":material/close:",
                type="tertiary",
            )
        upload_choices.choose(entry)
        own_mapping.offer(entry)
        if entry.job_id is not None:
            watch(entry.job_id)
        elif entry.error is not None:
            st.error(plain(view.error_words(entry.error)))
        elif entry.report is not None:
            show_report(entry, entry.report)


def show_report(entry: Entry, report: LoadReport) -> None:
    """What inspecting a file gave."""
    known = view.recognised_facts(report, entry.options)
    if report.status == loading.REFUSED:
        st.error(_("Nothing of this file can be loaded as it is. Nothing has changed."))
        upload_parts.show_findings(report.findings)
        if loading.may_overrule(report):
            upload_choices.overrule(entry)
        with st.expander(_("What was recognised")):
            components.facts(known)
        return
    components.facts(known)
    if report.dataset == loading.QUEUE_COUNTS:
        upload_choices.say_published(entry)
    st.markdown(f"**{plain(view.effect_sentence(report))}**")
    upload_parts.show_effect(report)
    upload_parts.show_notes(report)
    if entry.options.force:
        st.warning(_("The file is loaded in spite of the findings that would have stopped it."))
        upload_choices.overrule(entry)


def show_basket(contents: Contents) -> None:
    """The files that wait, and the button that loads those that can be loaded."""
    receive()
    seen = tuple((record.load_id, record.status) for record in contents.records)
    for entry in basket():
        refresh(entry, seen)
        before = entry.options
        show_entry(entry)
        if entry.options != before:
            st.rerun()
    ready = [entry for entry in basket() if entry.report and entry.report.status == loading.INSPECTED]
    if not ready:
        return
    left = len(basket()) - len(ready)
    if left:
        components.note(
            ngettext(
                "{count} file is not ready and stays here.",
                "{count} files are not ready and stay here.",
                left,
            ).format(count=number(left))
        )
    agreed = True
    if any(entry.report.takes_demo_away for entry in ready if entry.report):
        st.warning(
            _(
                "These are your first own rows. Loading them **takes all demo visits and queues away** in the same "
                "moment, because real and invented rows are never in one figure. The published figures stay."
            )
        )
        agreed = st.checkbox(_("The demo data may be taken away"), key="agree-demo")
    label = _("Load {count} files").format(count=number(len(ready))) if len(ready) > 1 else _("Load the file")
    if st.button(label, type="primary", disabled=not agreed, key="load", icon=":material/upload:"):
        jobs = []
        for entry in ready:
            work = partial(
                loading.load, entry.name, entry.data, entry.options, mapping_text=entry.mapping_used
            )
            jobs.append(submit_job(LOADING, LOAD, entry.shown, work))
            remove(entry.id)
        jobs[-1].wait(PATIENCE_SECONDS)
        st.rerun()


def show_retention() -> None:
    """How long data is stored."""
    now = loading.settings()
    pairs = [
        (
            _("Loads that can be withdrawn"),
            _("the {count} newest; of older ones only the rows that still count are stored").format(
                count=number(now.withdrawable_loads)
            ),
        ),
        (
            _("Rows set aside"),
            _("{count} days, and no longer than their load can be withdrawn").format(
                count=number(now.set_aside_keep_days)
            ),
        ),
        (_("Published versions"), _("the {count} newest").format(count=number(now.snapshots_kept))),
        (
            _("Files of the inbox"),
            _("deleted {count} days after they were handled").format(count=number(now.watch_keep_days)),
        ),
        (_("Files dropped here"), _("only in memory, until they are loaded or left out; never on the disk")),
    ]
    components.facts(pairs)
    components.note(_("The times are settings of this installation."))


# The history and the demo data


def show_history(contents: Contents) -> None:
    """All loads, newest first; each opens to its facts and findings."""
    records = contents.records
    if not records:
        st.info(_("Nothing has been loaded yet."))
        return
    _now, today = loading.now_and_today()
    shown = st.session_state.setdefault("upload_history_shown", HISTORY_STEP)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        count = ngettext("{count} load, newest first.", "{count} loads, newest first.", len(records))
        st.markdown(count.format(count=number(len(records))), width="content")
        st.download_button(
            _("Download the history (CSV)"),
            data=downloads.later(lambda: view.history_csv(records)),
            file_name=_("loads") + f"_{today:%Y%m%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    for record in records[:shown]:
        upload_parts.history_entry(record, partial(withdrawal.offer, contents))
    if len(records) > shown:
        more = min(HISTORY_STEP, len(records) - shown)
        label = _("Show {count} more").format(count=number(more))
        if st.button(label, key="more-history"):
            st.session_state["upload_history_shown"] = shown + HISTORY_STEP
            st.rerun()


def show_demo(contents: Contents) -> None:
    """Demo data: what there is of it, taking it away, loading it."""
    if contents.demo:
        rows = sum(record.rows_loaded for record in contents.demo)
        found = (
            _(
                "The warehouse still has demo data: {count} loads, {rows} invented rows. They are on no "
                "page, as your own rows have taken their place, and can be removed for good."
            )
            if contents.real_rows
            else _(
                "The warehouse holds demo data: {count} loads, {rows} invented rows. Every page marks them as "
                "such. Your first own extract takes them away by itself."
            )
        )
        st.markdown(found.format(count=number(len(contents.demo)), rows=number(rows)))
        agreed = st.checkbox(
            _("I understand that the demo visits and queues are then gone; the published figures stay"),
            key="agree-remove",
        )
        if st.button(_("Remove the demo data"), disabled=not agreed, key="remove-demo"):
            start_job(LOADING, TAKE_DEMO, TAKE_DEMO, loading.take_demo_away)
            st.rerun()
    elif contents.real_rows:
        st.markdown(
            _("There is no demo data. It cannot be loaded either, as the warehouse holds your own rows.")
        )
    else:
        st.markdown(
            _(
                "There is no demo data. You can load invented visits and queues to see how the pages work; your "
                "first own extract takes them away."
            )
        )
        if st.button(_("Load the demo data"), key="add-demo"):
            start_job(LOADING, ADD_DEMO, ADD_DEMO, partial(loading.add_demo, user()))
            st.rerun()


def show_beginning() -> None:
    """Where there is no warehouse yet: making one."""
    st.info(
        _(
            "There is no warehouse yet, so the pages have nothing to show. Making it takes less than a minute. The "
            "published targets and figures are loaded in it; demo data shows how the pages work until you load "
            "your own extracts."
        )
    )
    busy = any(job.open for job in JOBS.of_line(LOADING))
    with st.container(horizontal=True):
        with_demo = st.button(
            _("Make the warehouse with demo data"), type="primary", key="make-demo", disabled=busy
        )
        without = st.button(_("Make it without demo data"), key="make-plain", disabled=busy)
    if with_demo or without:
        start_job(LOADING, MAKE, MAKE, partial(loading.make_warehouse, user(), with_demo))
        st.rerun()


def draw() -> None:
    """The page: what is loaded, dropping files, and the history, the demo data and the retention in tabs."""
    loading.keep_uploads_in_memory()
    contents = loading.contents()
    components.heading(_("Loading data"), view.finding(contents))
    show_jobs(contents)
    if not contents.published:
        show_beginning()
        return
    show_basket(contents)
    components.how_to_read(
        _(
            "Drop extracts here. Each file is recognised and checked first, and you see what loading it would change. "
            "Nothing changes before you press the button, and person identifiers never reach the disk."
        ),
        summary=_("How this works"),
    )
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        if opened == DEMO:
            show_demo(contents)
        elif opened == RETENTION:
            show_retention()
        else:
            show_history(contents)


components.guarded(draw)
