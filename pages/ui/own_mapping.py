"""A mapping of one's own for a file that waits for its load: written, corrected, used and taken along."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from indicators.catalogue.errors import TakuuvahtiError
from indicators.wording.formats import day
from indicators.wording.translations import _, language
from pages.text.markup import plain
from pages.ui import components, loading
from pages.ui.upload_parts import Entry

_HEIGHT = 320


def offer(entry: Entry) -> None:
    """The mapping of a file as a text that can be edited, open where no known layout fits the file."""
    key = f"mapping-{entry.id}"
    in_use = entry.options.mapping is not None
    if not entry.is_looked_for:
        entry.remembered, entry.is_looked_for = loading.remembered_mapping(entry.data), True
    with st.expander(
        _("A mapping of your own"),
        icon=":material/edit_note:",
        expanded=in_use or entry.remembered is not None or loading.fits_nothing(entry.report),
    ):
        components.note(
            _(
                "A mapping says which columns and codes are which of ours. Have a first one written and correct it, or "
                "paste one that you have."
            )
        )
        if not in_use:
            _offer_again(entry, key)
        st.button(
            _("Write a first mapping"),
            key=f"suggest-{entry.id}",
            on_click=_draft,
            args=(entry, key),
            icon=":material/draft:",
        )
        st.session_state.setdefault(key, entry.mapping_text)
        entry.mapping_text = st.text_area(_("The mapping (TOML)"), key=key, height=_HEIGHT)
        blank = not entry.mapping_text.strip()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                _("Use this mapping"),
                key=f"use-{entry.id}",
                on_click=_use,
                args=(entry, key),
                disabled=blank,
                icon=":material/check:",
            )
            st.download_button(
                _("Download the mapping"),
                data=entry.mapping_text.encode("utf-8"),
                file_name=loading.mapping_name(entry.name),
                mime="text/plain",
                key=f"take-{entry.id}",
                disabled=blank,
                icon=":material/download:",
                on_click="ignore",
            )
            if in_use:
                st.button(_("Do without it"), key=f"without-{entry.id}", on_click=_without, args=(entry,))
        if entry.mapping_error is not None:
            st.error(plain(entry.mapping_error))
        elif in_use:
            st.success(_("The file is read with this mapping. Changes take effect when you use it again."))


def _offer_again(entry: Entry, key: str) -> None:
    """The mapping used last for a file with these columns, if there is one."""
    if entry.remembered is None:
        return
    used = day(loading.local_time(entry.remembered.used_at).date())
    st.button(
        _("Use the mapping {name}, used last on {day}").format(name=plain(entry.remembered.source), day=used),
        key=f"again-{entry.id}",
        on_click=_use_again,
        args=(entry, key),
        type="primary",
        icon=":material/history:",
    )


def _draft(entry: Entry, key: str) -> None:
    entry.mapping_error = None
    try:
        st.session_state[key] = loading.first_mapping(entry.name, entry.data, entry.options, language())
    except TakuuvahtiError as error:
        entry.mapping_error = error.message(language())


def _use_again(entry: Entry, key: str) -> None:
    if entry.remembered is not None:
        st.session_state[key] = entry.remembered.text
        _use(entry, key)


def _use(entry: Entry, key: str) -> None:
    entry.mapping_error = None
    try:
        mapping = loading.parse_mapping(
            st.session_state[key].encode("utf-8"), loading.mapping_name(entry.name)
        )
    except TakuuvahtiError as error:
        entry.mapping_error = error.message(language())
    else:
        entry.options = replace(entry.options, mapping=mapping, source=None)
        entry.mapping_used = st.session_state[key]
        st.session_state.pop(f"source-{entry.id}", None)


def _without(entry: Entry) -> None:
    entry.mapping_error = None
    entry.options = replace(entry.options, mapping=None)
