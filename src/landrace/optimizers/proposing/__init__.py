"""What a proposer is asked, how its answers are read, and the first candidates of a search."""
