"""Synthetic extracts of one wellbeing services county, for trying and testing. Nobody in them exists.

The figures follow no real unit: their level, growth and faults are chosen in `data/reference/demo_units.csv`, in the folder
of a scale (`scales.py`) and in the modules here so that every page has something to show.

The same scale, years and seed give the same bytes on every machine: randomness is drawn as uniform numbers and turned
into values by comparison, multiplication and division, which are exact everywhere; logarithms and powers are not. Rows
are made in chunks of a month, snapshot or year, so that memory does not grow with the years.

To add a layout: a module with a function that yields the columns of its rows in chunks, and a line in `write`.
"""

#: The seed of `write_demo` where none is given.
DEFAULT_SEED = 18
