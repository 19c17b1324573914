"""The gates: guard, syntax, tests, replay, bench and confirm, and the judge that runs them in order."""
