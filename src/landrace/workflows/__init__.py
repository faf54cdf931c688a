"""Use cases: no click, no printing."""
