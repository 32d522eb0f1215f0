"""The sentences, words, numbers and tables of pages, in the current language. Knows no Streamlit."""
