"""Who gets more cases: rungs, bandits, races and challenges on shared cases."""
