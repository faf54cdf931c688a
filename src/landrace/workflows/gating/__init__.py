"""The gate as a use case: what changed, what is compared, and what came of it."""
