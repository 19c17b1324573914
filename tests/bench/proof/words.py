"""The prose of the report, apart from the code that fills its tables."""

SHARED = """\
A trial starts at a drawn pair of one recording and decides as the product does (`bot.stats.compare`). The {trials}
trials of a cell share one recording and are not independent of each other; "in turn" counts the decisions that a
recording holds one after the other without sharing a pair. On equal arms the labels of each pair are drawn anew,
which hides a constant difference between the arms: the first table shows that."""

POWER = """\
Found in time; found at all; and the median time to an answer, with processes' start and calibration. A margin of 1%
is the default; the goal for 2% is stated for a margin of 0."""

SIDE_BY_SIDE = """\
All five kinds of work together. On equal arms a call in either direction counts, elsewhere one of the right
direction. Block rules see all base processes and then all candidate processes."""

SOURCES = """\
Sources read: ionelmc/pytest-benchmark 47d66c8, psf/pyperf ab7fd04, airspeed-velocity/asv 7032df7, golang/perf 712aea8
(benchstat), criterion.rs 567405d, codeflash d7f95a5."""

OVERHEAD = """\
An empty request takes {empty:.0f} us (median of {count}, through a pipe; the goal is 100 us). The same from slices,
without an empty request: twice a slice of k calls less a slice of 2k calls is {slices:.0f} us (median of {count}).
Each slice's time is lessened by the quickest of five empty requests of its process, so that what remains in a slice
of 2 ms is {left:.0f} us or {part:.1f}% of it, in both arms alike."""

LIMITS = """\
## What these figures do not say
- One machine and one hour. Calm means: without our load; who else used the machine is seen in the load averages.
- Relabelled trials are not independent: where a cell says 0 of 250, the number of decisions in turn limits what it
  proves.
- Injected effects are exactly multiplicative. The counted ones are real work; the fixed part of a call makes them
  smaller than their count says (a process's start in the case of the command), and caches can make them larger: the
  column "measured" has the Hodges-Lehmann estimate over all of the recording.
- The other tools' rules are replayed on our recordings with about their amount of data; the tools were not run.
  Thresholds are defaults or the documented examples. Their processes have hash seeds of their own and address space
  randomisation on, as those tools start them.
- The load generator shares the machine with what is measured; a noisy neighbour on the same host is another thing.
- Recorded in processes without a container.
"""
