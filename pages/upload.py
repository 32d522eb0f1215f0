"""Loading extracts: what a file is, what is wrong with it, what loading it would do; then the load and the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from pages.text import upload as view
from pages.text.formats import number
from pages.text.markup import plain
from pages.text.translations import N_, _, language, ngettext
from pages.ui import components, downloads, loading, upload_parts
from pages.ui.jobs import JOBS, Job, Work
from pages.ui.loading import Contents, LoadOptions, LoadRecord, LoadReport, Withdrawal
from pages.ui.markup import table_html
from pages.ui.upload_parts import Entry, user

#: Loads, set-ups and removals wait for each other in one line; inspections have a line of their own.
LOADING, INSPECTING = "loading", "inspecting"
LOAD, MAKE, ADD_DEMO, TAKE_DEMO, WITHDRAW = "load", "make", "add_demo", "take_demo", "withdraw"
KINDS = (LOAD, MAKE, ADD_DEMO, TAKE_DEMO, WITHDRAW)
#: So long a page waits for a quick job before it shows its progress instead.
PATIENCE_SECONDS = 1.5
HISTORY_STEP = 10
BASKET = "upload_basket"
#: The choice to let the loader find out.
AUTOMATIC = ""
JOB_TITLES = {
    MAKE: N_("Making the first warehouse"),
    ADD_DEMO: N_("Loading the demo data"),
    TAKE_DEMO: N_("Taking the demo data away"),
}
#: In the session: the load whose withdrawal is looked at, the job that works it out, the loads whose rows are listed.
LOOKED_AT, LISTED = "upload_withdrawal", "upload_rows_listed"


def start(line: str, kind: str, title: str, work: Work) -> Job:
    """Begin work in the background, and wait a moment in case it is quick."""
    now, _today = loading.now_and_today()
    job = JOBS.start(line, kind, title, user(), now, work)
    job.wait(PATIENCE_SECONDS)
    return job


def basket() -> list[Entry]:
    """The files of this session that wait for their load."""
    return st.session_state.setdefault(BASKET, [])


# Jobs


def show_jobs() -> None:
    """Loads under way and those that ended, until they are put away."""
    for job in JOBS.of_line(LOADING):
        if job.kind not in KINDS:
            continue
        with st.container(border=True):
            title = _(JOB_TITLES[job.kind]) if job.kind in JOB_TITLES else job.title
            st.markdown(f"**{plain(title)}**")
            if job.open:
                upload_parts.watch(job.id)
                components.note(_("You may leave this page: the work goes on, and you find it here again."))
                if job.owner != user():
                    components.note(_("Started by {who}.").format(who=job.owner))
                continue
            if job.error is not None:
                st.error(plain(view.error_words(job.error)))
            else:
                show_result(job)
            with st.container(horizontal=True, vertical_alignment="center"):
                if job.error is None and job.kind not in (TAKE_DEMO, WITHDRAW):
                    components.link("care_guarantee", _("See the care guarantee"))
                st.button(_("Put away"), key=f"forget-{job.id}", on_click=JOBS.forget, args=(job.id,))


def show_result(job: Job) -> None:
    """What a finished job brought about."""
    if job.kind == LOAD:
        show_load(job.result)
    elif job.kind == WITHDRAW:
        show_withdrawn(job.result)
    elif job.kind == TAKE_DEMO:
        removed = ngettext(
            "{count} load of demo data was taken away.",
            "{count} loads of demo data were taken away.",
            job.result,
        ).format(count=number(job.result))
        st.success(f"{removed} {view.left_words(loading.contents())}")
    else:
        loaded = sum(report.status in (loading.LOADED, loading.UNCHANGED) for report in job.result)
        st.success(
            ngettext("{count} file was loaded.", "{count} files were loaded.", loaded).format(
                count=number(loaded)
            )
        )
        for report in job.result:
            if report.status == loading.REFUSED:
                show_load(report)


def show_withdrawn(told: Withdrawal) -> None:
    """What became of a load that was withdrawn."""
    done = _("Load {number} was withdrawn.").format(number=told.record.load_id)
    st.success(plain(" ".join([done, *view.withdrawal_sentences(told)])))
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
    if report.findings:
        with st.expander(view.findings_words(report.findings)):
            upload_parts.show_findings(report.findings)


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
        entry.job_id = start(INSPECTING, LOAD, entry.shown, work).id
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
        choose(entry)
        if entry.job_id is not None:
            upload_parts.watch(entry.job_id)
        elif entry.error is not None:
            st.error(plain(view.error_words(entry.error)))
        elif entry.report is not None:
            show_report(entry, entry.report)


def overrule(entry: Entry) -> None:
    """Whether a file is loaded in spite of findings that would stop it: explained, and asked for by name."""
    key = f"force-{entry.id}"
    st.session_state[key] = entry.options.force
    st.checkbox(
        _("I have looked at the reasons and want to load the file in spite of them"),
        key=key,
        on_change=lambda: setattr(
            entry, "options", replace(entry.options, force=bool(st.session_state[key]))
        ),
    )
    components.note(
        _(
            "Rows that cannot be read stay out all the same. Do this only where you know why the extract is smaller "
            "or worse than before."
        )
    )


def say_published(entry: Entry) -> None:
    """Whether counts of queues have been published: then they are never hidden."""
    key = f"published-{entry.id}"
    st.session_state[key] = entry.options.published
    st.checkbox(
        _("The counts in this file have been published"),
        key=key,
        on_change=lambda: setattr(
            entry, "options", replace(entry.options, published=bool(st.session_state[key]))
        ),
        help=_("Published counts are shown however small they are. Others are hidden where they are small."),
    )


def show_report(entry: Entry, report: LoadReport) -> None:
    """What inspecting a file gave."""
    known = view.recognised_facts(report, entry.options)
    if report.status == loading.REFUSED:
        st.error(_("Nothing of this file can be loaded as it is. Nothing has changed."))
        upload_parts.show_findings(report.findings)
        if loading.may_overrule(report):
            overrule(entry)
        with st.expander(_("What was recognised")):
            components.facts(known)
        return
    components.facts(known)
    if report.dataset == loading.QUEUE_COUNTS:
        say_published(entry)
    st.markdown(f"**{plain(view.effect_sentence(report))}**")
    upload_parts.show_effect(report)
    first = [found for found in report.findings if found.code in loading.TOLD_FIRST]
    findings = [found for found in report.findings if found.code not in loading.TOLD_FIRST]
    for found in first:
        st.warning(plain(loading.sentence(found, language())))
    if entry.options.force:
        st.warning(_("The file is loaded in spite of the findings that would have stopped it."))
        overrule(entry)
    if findings:
        with st.expander(view.findings_words(findings), expanded=len(findings) <= 3):
            upload_parts.show_findings(findings)
    elif not first:
        components.note(_("The checks found nothing to remark on."))


def choose(entry: Entry) -> None:
    """What a person may say about a file; what is said makes the file inspected anew."""
    area = chosen(
        st.selectbox,
        f"area-{entry.id}",
        entry.options.area,
        _("Area that delivers the file"),
        list(loading.area_names(language())),
        format_func=loading.area_names(language()).get,
        help=_("Local numbers of patients and visits are the area's own, and new units are put in it."),
    )
    sources = {AUTOMATIC: _("Find out from the headers"), **loading.source_titles(language())}
    scopes = {
        AUTOMATIC: _("As usual for the source"),
        **{name: _(words) for name, words in view.SCOPES.items()},
    }
    first, last = entry.options.window or (None, None)
    with st.expander(_("Correct what was recognised"), icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            source = chosen(
                st.selectbox,
                f"source-{entry.id}",
                entry.options.source or AUTOMATIC,
                _("Source"),
                list(sources),
                format_func=sources.get,
            )
            as_of = chosen(
                st.date_input,
                f"as-of-{entry.id}",
                entry.options.as_of,
                _("Extract date"),
                max_value=loading.now_and_today()[1],
                format="DD.MM.YYYY",
                help=_("The day the extract was made. A newer extract replaces the rows of an older one."),
            )
            scope = chosen(
                st.selectbox,
                f"scope-{entry.id}",
                entry.options.scope or AUTOMATIC,
                _("The file speaks of"),
                list(scopes),
                format_func=scopes.get,
                help=_(
                    "All units of the area: a unit that is missing from the file has no visits in the window, or an "
                    "empty queue."
                ),
            )
            sheet = chosen(
                st.text_input,
                f"sheet-{entry.id}",
                entry.options.sheet or "",
                _("Sheet of the workbook"),
                help=_("The name of the sheet or its number. Without one the first sheet is read."),
            )
            header_row = chosen(
                st.number_input,
                f"header-row-{entry.id}",
                entry.options.header_row,
                _("Row of the headers"),
                min_value=1,
                step=1,
                help=_("Give it where a title stands above the headers. The first row is 1."),
            )
        with right:
            if (
                entry.report is None
                or entry.report.dataset is None
                or loading.has_window(entry.report.dataset)
            ):
                first = chosen(
                    st.date_input, f"from-{entry.id}", first, _("Window from"), format="DD.MM.YYYY"
                )
                last = chosen(st.date_input, f"to-{entry.id}", last, _("Window to"), format="DD.MM.YYYY")
                components.note(
                    _(
                        "The days the file speaks of in full: rows of these days that are missing from it are then "
                        "removed. Without a window nothing is removed."
                    )
                )
            else:
                first = last = None
        if (first is None) != (last is None):
            st.info(_("Give both ends of the window; until then it is not used."))
        elif first is not None and last is not None and first > last:
            st.info(_("The window ends before it begins; it is not used."))
    entry.options = replace(
        entry.options,
        source=source or None,
        area=area,
        as_of=as_of,
        window=window_of(first, last),
        scope=scope or None,
        sheet=sheet.strip() or None,
        header_row=header_row,
    )


def chosen(widget: Callable[..., Any], key: str, before: object, *arguments: object, **named: object) -> Any:
    """What a widget says; it begins with what was chosen before, also after another page was looked at."""
    st.session_state.setdefault(key, before)
    return widget(*arguments, key=key, **named)


def window_of(first: date | None, last: date | None) -> tuple[date, date] | None:
    """The window where both ends of it are given and in order."""
    return (first, last) if first is not None and last is not None and first <= last else None


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
            work = partial(loading.load, entry.name, entry.data, entry.options)
            jobs.append(JOBS.start(LOADING, LOAD, entry.shown, user(), loading.now_and_today()[0], work))
            remove(entry.id)
        jobs[-1].wait(PATIENCE_SECONDS)
        st.rerun()


# Withdrawing a load, and the rows it set aside


def offer(contents: Contents, record: LoadRecord) -> None:
    """What can be done with a load of the history: see the rows it set aside, and withdraw it."""
    if record.status == loading.WITHDRAWN:
        return
    if record.rows_quarantined:
        show_set_aside(record)
    if record.frozen:
        components.note(frozen_words())
    elif record.status == loading.ACTIVE:
        show_withdrawal(contents, record)


def frozen_words() -> str:
    """Why a load can no longer be withdrawn, and what to do instead."""
    kept = loading.settings().withdrawable_loads
    return ngettext(
        "This load can no longer be withdrawn: only the newest load can, and of older ones only the rows that still "
        "count are kept. Put the data right by loading a corrected extract of the same days.",
        "This load can no longer be withdrawn: only the {count} newest loads can, and of older ones only the rows that "
        "still count are kept. Put the data right by loading a corrected extract of the same days.",
        kept,
    ).format(count=number(kept))


def show_withdrawal(contents: Contents, record: LoadRecord) -> None:
    """Withdrawing a load: first what it would change, then the asking, then the work in the background."""
    looked = st.session_state.get(LOOKED_AT)
    if looked is None or looked[0] != record.load_id:
        if st.button(_("Withdraw the load …"), key=f"look-{record.load_id}", icon=":material/undo:"):
            look_at(contents, record)
            st.rerun()
        components.note(_("You see first what it would change. Nothing changes yet."))
        return
    _load_id, version, job_id = looked
    job = JOBS.get(job_id)
    if job is None or version != contents.version:
        look_at(contents, record)
        st.rerun()
    elif job.open:
        upload_parts.watch(job.id)
    elif job.error is not None:
        st.error(plain(view.error_words(job.error)))
        st.button(_("Close"), key=f"close-{record.load_id}", on_click=stop_looking)
    else:
        ask(record, job.result)


def look_at(contents: Contents, record: LoadRecord) -> None:
    """Begin to work out what withdrawing a load would change."""
    stop_looking()
    work = partial(loading.look_at_withdrawal, record.load_id)
    job = start(INSPECTING, WITHDRAW, record.load_id, work)
    st.session_state[LOOKED_AT] = (record.load_id, contents.version, job.id)


def stop_looking() -> None:
    """Put the withdrawal that was looked at away; nothing has changed."""
    looked = st.session_state.pop(LOOKED_AT, None)
    if looked is not None:
        JOBS.forget(looked[2])


def ask(record: LoadRecord, told: Withdrawal) -> None:
    """What withdrawing changes, and the button that does it."""
    st.markdown("**" + _("If you withdraw this load") + "**")
    st.warning("  \n".join(plain(text) for text in view.withdrawal_sentences(told)))
    for table in view.withdrawal_tables(told):
        components.show_table(table)
    components.note(
        _(
            "Every number is then as if the load had never been loaded, and the rows it set aside are deleted. The load "
            "stays in the history. The same file can be loaded again."
        )
    )
    agreed = st.checkbox(_("I have seen what changes"), key=f"agree-withdraw-{record.load_id}")
    with st.container(horizontal=True):
        if st.button(
            _("Withdraw the load"), key=f"withdraw-{record.load_id}", type="primary", disabled=not agreed
        ):
            stop_looking()
            forget_message_of(record.load_id)
            title = _("Withdrawing load {number}").format(number=record.load_id)
            start(LOADING, WITHDRAW, title, partial(loading.withdraw, record.load_id))
            st.rerun()
        st.button(_("Keep the load"), key=f"keep-{record.load_id}", on_click=stop_looking)


def forget_message_of(load_id: str) -> None:
    """Put away the message that a load was loaded, as it no longer holds once the load is withdrawn."""
    for job in JOBS.of_line(LOADING):
        if job.kind == LOAD and not job.open and job.error is None and job.result.load_id == load_id:
            JOBS.forget(job.id)


def show_set_aside(record: LoadRecord) -> None:
    """The rows of a load that were set aside: listed on demand, as a file, and how to correct them."""
    if record.frozen:
        components.note(
            _(
                "The rows this load set aside are no longer kept: they go when a load can no longer be withdrawn."
            )
        )
        return
    listed = st.session_state.setdefault(LISTED, set())
    if record.load_id not in listed:
        label = ngettext(
            "Show the {count} row set aside", "Show the {count} rows set aside", record.rows_quarantined
        ).format(count=number(record.rows_quarantined))
        if st.button(label, key=f"aside-{record.load_id}", icon=":material/rule:"):
            listed.add(record.load_id)
            st.rerun()
        return
    try:
        aside = loading.rows_set_aside(record.load_id, language())
    except loading.TakuuvahtiError as error:
        st.error(error.message(language()))
        return
    st.markdown("**" + _("Rows set aside") + "**")
    components.note(
        _(
            "These rows are in no figure. Person identifiers are masked. The reason comes first, with the row's number "
            "in the file and, in brackets, our name of the field."
        )
    )
    with st.container(key=f"aside_rows-{record.load_id}"):
        st.html(table_html(view.aside_table(aside)))
    if len(aside.rows) > view.ROWS_LISTED:
        components.note(
            _("The first {count} of {all} rows; the file has all of them.").format(
                count=number(view.ROWS_LISTED), all=number(len(aside.rows))
            )
        )
    st.download_button(
        _("Download the rows set aside (CSV)"),
        data=partial(take_set_aside, record, language(), user()),
        file_name=view.aside_name(record),
        mime="text/csv",
        key=f"aside-csv-{record.load_id}",
        icon=":material/download:",
        on_click="ignore",
    )
    st.markdown(
        _(
            "1. Correct the rows in Excel. Put the person identifiers back from the source system where \\*\\*\\* stands; rows "
            "left as they are go without a person.\n"
            "2. Save as CSV (semicolons) or .xlsx. Keep the name of the file: its date says which day the extract is "
            "from, so that newer extracts stay in force. The reason column may stay.\n"
            "3. Drop the file above. The checks may stop it if many rows are still wrong; you can then load it in spite "
            "of that. Rows that were corrected count from then on, and nothing else changes."
        )
    )
    st.button(
        _("Hide the rows"),
        key=f"hide-aside-{record.load_id}",
        on_click=listed.discard,
        args=(record.load_id,),
    )


def take_set_aside(record: LoadRecord, spoken: str, who: str) -> bytes:
    """The file of the rows set aside; taking it is logged. Called outside the run, where no reader is known."""
    folder, what = loading.settings().warehouse, f"rows set aside by load {record.load_id}"
    downloads.log(folder, who, "upload", what, record.rows_quarantined)
    return loading.set_aside_csv(record.load_id, spoken)


def show_retention() -> None:
    """How long what is kept."""
    now = loading.settings()
    pairs = [
        (
            _("Loads that can be withdrawn"),
            _("the {count} newest; of older ones only the rows that still count are kept").format(
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
    with st.expander(_("How long data is kept"), icon=":material/schedule:"):
        components.facts(pairs)
        components.note(_("The times are settings of this installation."))


# The history and the demo data


def show_history(contents: Contents) -> None:
    """All loads, newest first; each opens to its facts and findings."""
    records = contents.records
    components.section(_("History of loads"))
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
        upload_parts.history_entry(record, partial(offer, contents))
    if len(records) > shown:
        more = min(HISTORY_STEP, len(records) - shown)
        label = _("Show {count} more").format(count=number(more))
        if st.button(label, key="more-history"):
            st.session_state["upload_history_shown"] = shown + HISTORY_STEP
            st.rerun()
    show_retention()


def show_demo(contents: Contents) -> None:
    """Demo data: what there is of it, taking it away, loading it."""
    components.section(_("Demo data"))
    if contents.demo:
        rows = sum(record.rows_loaded for record in contents.demo)
        told = (
            _(
                "The warehouse still keeps demo data: {count} loads, {rows} invented rows. They are on no page, as your "
                "own rows have taken their place, and can be removed for good."
            )
            if contents.real_rows
            else _(
                "The warehouse holds demo data: {count} loads, {rows} invented rows. Every page marks them as "
                "such. Your first own extract takes them away by itself."
            )
        )
        st.markdown(told.format(count=number(len(contents.demo)), rows=number(rows)))
        agreed = st.checkbox(
            _("I understand that the demo visits and queues are then gone; the published figures stay"),
            key="agree-remove",
        )
        if st.button(_("Remove the demo data"), disabled=not agreed, key="remove-demo"):
            start(LOADING, TAKE_DEMO, TAKE_DEMO, loading.take_demo_away)
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
            start(LOADING, ADD_DEMO, ADD_DEMO, partial(loading.add_demo, user()))
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
        start(LOADING, MAKE, MAKE, partial(loading.make_warehouse, user(), with_demo))
        st.rerun()


def show() -> None:
    """The page."""
    loading.keep_uploads_in_memory()
    st.title(_("Loading data"), anchor=False)
    contents = loading.contents()
    st.markdown(
        _(
            "Drop extracts here. Each file is recognised and checked first, and you see what loading it would change. "
            "Nothing changes before you press the button, and person identifiers never reach the disk."
        )
    )
    show_jobs()
    if not contents.published:
        show_beginning()
        return
    show_basket(contents)
    show_history(contents)
    show_demo(contents)


components.guarded(show)
