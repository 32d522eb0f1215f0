"""What each page asks of the indicators: one view object per page, on which suppression and caching rest. No Streamlit."""
