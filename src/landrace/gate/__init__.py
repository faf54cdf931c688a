"""The gate's judgement: evidence and policy in, verdicts out. Pure."""
