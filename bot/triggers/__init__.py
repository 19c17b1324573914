"""What started a run, turned into a `Trigger`."""
