"""What the pages share: texts, formats, colours, charts, filters, parts of a page, cached questions."""

import pipelines  # noqa: F401  (before numpy and pandas, which it sets up)
