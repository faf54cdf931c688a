"""A pull request's run, for its one comment, the job's summary and the outputs."""
