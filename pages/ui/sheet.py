"""Stub."""

import streamlit as st


def show(html: str, key: str) -> None:  # noqa: ARG001
    """Show."""
    st.html(html)
