"""From the published warehouse to numbers: definitions, the engine that computes them, targets and verdicts.

Pure: no Streamlit, no Plotly, no clock, nothing is written.
"""

import pipelines  # noqa: F401  (before numpy and pandas, which it sets up)
