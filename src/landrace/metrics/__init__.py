"""Metrics: one file each, one literal table in `landrace.metrics.table`."""
