"""One module, or one folder, a strategy; `landrace.optimizers.table` has their rows."""
