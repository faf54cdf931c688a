"""Reports: the data first, then text, markdown and HTML."""
