"""What happens on a pull request: plan, optimize, commit, gate, report.

Base's commit says what is allowed: policy, budgets, graders, models, signers. Head's commit is
data. Both are read out of git's objects; nothing of head is checked out or run.
"""
