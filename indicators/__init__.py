"""From the published warehouse to numbers: definitions, the engine that computes them, targets and verdicts.

Pure: no Streamlit, no Plotly, no clock, nothing is written.
"""

import pandas as pd

# Answers are small tables, and every column is looked up by its name: text held by Arrow takes several times as long.
pd.set_option("mode.string_storage", "python")
