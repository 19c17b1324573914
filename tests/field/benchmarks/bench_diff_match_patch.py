"""Differences, patches and fuzzy search on an edited document."""

import random

from diff_match_patch import diff_match_patch

WORDS = "the quick brown fox jumps over a lazy dog while rain falls on every roof of this quiet town".split()


def make_texts(seed, lines, edits):
    rng = random.Random(seed)
    before = [" ".join(rng.choice(WORDS) for _ in range(rng.randrange(4, 14))) for _ in range(lines)]
    after = list(before)
    for _ in range(edits):
        place = rng.randrange(len(after))
        words = after[place].split()
        words[rng.randrange(len(words))] = rng.choice(WORDS).upper()
        after[place] = " ".join(words)
    del after[rng.randrange(len(after))]
    after.insert(rng.randrange(len(after)), "an entirely new line")
    return "\n".join(before), "\n".join(after)


def differ():
    dmp = diff_match_patch()
    dmp.Diff_Timeout = 0
    return dmp


def setup_diff(seed):
    return make_texts(seed, 150, 25)


def bench_diff(texts):
    return differ().diff_main(*texts)


def setup_patch_round_trip(seed):
    return make_texts(seed, 60, 12)


def bench_patch_round_trip(texts):
    dmp = differ()
    document = dmp.patch_toText(dmp.patch_make(*texts))
    return dmp.patch_apply(dmp.patch_fromText(document), texts[0])


def setup_pretty(seed):
    dmp = differ()
    diffs = dmp.diff_main(*make_texts(seed, 200, 60))
    return diffs


def bench_pretty(diffs):
    dmp = differ()
    dmp.diff_cleanupSemantic(diffs)
    return dmp.diff_prettyHtml(diffs), dmp.diff_toDelta(diffs), dmp.diff_levenshtein(diffs)


def setup_match(seed):
    text = make_texts(seed, 100, 1)[0]
    return text, text[1500:1525].replace("o", "0")


def bench_match(data):
    text, pattern = data
    return differ().match_main(text, pattern, 1200)
