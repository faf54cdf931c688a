"""Candidates by cases: outcomes and the score table. The only concurrency is here."""
