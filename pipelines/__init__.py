"""From an extract to the published warehouse."""

import pandas as pd

# Set before any schema is made. Answers are small tables whose columns are looked up by name all the time: with names
# and text held by Arrow that takes several times as long.
pd.set_option("mode.string_storage", "python")
