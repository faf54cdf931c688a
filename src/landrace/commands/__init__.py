"""One thin click command a file."""
