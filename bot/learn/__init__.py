"""From verdicts to lessons."""
