"""The data that landrace reads, passes on and writes: types without I/O."""
