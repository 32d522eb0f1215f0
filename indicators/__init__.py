"""From the published warehouse to numbers: definitions, the engine that computes them, targets and verdicts.

Pure: no Streamlit, no Plotly, no clock, nothing is written.
"""
