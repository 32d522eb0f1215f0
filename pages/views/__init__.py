"""What each page asks of the indicators: one view object per page. No Streamlit."""
