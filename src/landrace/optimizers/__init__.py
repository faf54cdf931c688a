"""The study, the parts that strategies share, and one file a strategy."""
