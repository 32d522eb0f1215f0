"""A page with a title and nothing else: the unit that the pages are measured in."""

import streamlit as st

st.title("–")
