"""What to try next: draws, schedules, frontiers, surrogates and operators that earned it."""
