"""Lock-step measurement: two live processes on one core take turns of a few milliseconds; the pair is the sample."""
