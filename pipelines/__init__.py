"""From an extract to the published warehouse."""

import os

# Set before numpy is loaded. Matrices here are small: threads that share one wait for each other most of the time, the
# more so the more people use the same processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd

# Set before any schema is made. Answers are small tables whose columns are looked up by name all the time: with names
# and text stored by Arrow that takes several times as long.
pd.set_option("mode.string_storage", "python")
