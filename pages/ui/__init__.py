"""What the pages share: texts, formats, colours, charts, filters, parts of a page, cached questions."""
