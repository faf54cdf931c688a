"""What a gate found, for terminals, pull requests, CI systems and annotations."""
