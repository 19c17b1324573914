"""One note in, what it asks for or states out: each block of visible text is read sentence by sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.feedback import Change
from bot.domain.legible import one_line
from bot.domain.lesson import Polarity, Reach
from bot.learn.reading import doubt, scope, standing, tone, words
from bot.learn.reading.clauses import Sentence, plain, sentences
from bot.learn.reading.directive import Directive, directives
from bot.learn.reading.facts import fact, worth_keeping
from bot.learn.reading.grammar import Form, cue
from bot.learn.reading.subjects import subjects
from bot.learn.reading.visible import Block, blocks

_LONGEST_SENTENCE = 500
_BACK = 3
"""How many sentences back something may have been named that "it" stands for."""
_SUGGESTS = re.compile(r"^\s*(?:`{3,}|~{3,})suggestion", re.MULTILINE)
_POINTING = re.compile(r"\b(?:its?|there|them|that|this|those|these|one|ones)\b")
_PRONOUN = re.compile(r"\b(?:it|there|them|that|those|these|this)\b")
_PLAIN_SPOKEN = frozenset({Form.ORDER, Form.POLICY})


@dataclass(frozen=True, slots=True)
class Said:
    """What one note asks for or states, with its scope and what a program can act on; `item` is one of a list.

    `kept` is a fact that stands beside rules, or a preference that stands beside a ban; `added` is one that is
    announced as one more.
    """

    scope: str
    polarity: Polarity
    sentence: str
    subjects: tuple[str, ...] = ()
    item: bool = False
    form: Form | None = None
    kept: bool = False
    added: bool = False


def said(body: str, project: str, change: Change) -> tuple[Said, ...]:
    """Return the standing rules and facts of one note; a fact that only explains a rule of the note is part of it."""
    shown = blocks(body)
    if any(tone.ignorable(block.text.lower()) for block in shown):
        return ()
    setting = standing.Setting(words.imported(change.diff), _SUGGESTS.search(body) is not None)
    reader = _Reader(project, change, setting)
    found = [one for block in shown for one in _to_the_point(list(reader.read(block)))]
    rules = [one for one in found if one.polarity is not Polarity.INFO or one.kept]
    return tuple(_merged(rules if any(one.form for one in rules) else found))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the blocks of one note on one merge request."""

    project: str
    change: Change
    setting: standing.Setting

    def read(self, block: Block) -> Iterator[Said]:
        """Yield what the sentences of a block ask for or state."""
        earlier: list[Sentence] = []
        for sentence in sentences(block.text):
            if tone.mocks(sentence):
                return
            if len(sentence.written) > _LONGEST_SENTENCE or not tone.serious(sentence):
                earlier = []
                continue
            rule, text, before = self._rule(sentence), sentence.written, self._antecedent(earlier, sentence)
            empty = rule is not None and not rule.matter
            if before and (rule is None or _points(rule)) and (empty or _POINTING.search(sentence.plain)):
                # What "it" stands for is in the sentence before.
                rule = rule or self._in_context(before, sentence)
                text = f"{before} {text}" if rule is not None else text
            if rule is not None:
                yield from self._asked(rule, text, sentence, item=block.item)
            elif fact(sentence):
                place = scope.fact_place(text, sentence.plain, self.project, self.change)
                own = worth_keeping(sentence)
                yield Said(place.scope, Polarity.INFO, one_line(text), (), block.item, kept=own)
            earlier = [*earlier[1 - _BACK :], sentence]

    def _antecedent(self, earlier: list[Sentence], sentence: Sentence) -> str:
        """Return the sentence that "it" refers back to: the nearest that names something, else the one just before.

        What is applied is a rule, and what is touched is a place.
        """
        naming = [one for one in reversed(earlier) if self._names(one)]
        if cue("notes.acts_on_code").search(sentence.plain):
            naming.sort(key=lambda one: not scope.named(one.written, one.plain, self.change))
        found = next(iter((*naming, *reversed(earlier))), None)
        return found.written if found else ""

    def _names(self, sentence: Sentence) -> bool:
        """Say whether a sentence names a path, a rule, a part of the code or a technology."""
        named = scope.paths(sentence.written, self.change) or words.packages(sentence.plain, self.setting.imports)
        return (
            bool(named) or bool(_unit(sentence.plain)) or cue("standing.this_unit").search(sentence.plain) is not None
        )

    def _rule(self, sentence: Sentence) -> Directive | None:
        """Return the clause of a sentence that is most clearly a standing rule."""
        found = [self._meant(one, clause, sentence) for clause in sentence.clauses for one in directives(clause)]
        named = bool(scope.paths(sentence.written, self.change))
        scored = [(standing.score(one, sentence, self.setting, named_path=named), one) for one in found]
        enough = [pair for pair in scored if pair[0] >= standing.THRESHOLD]
        if (
            enough
            and cue("notes.examples").match(enough[-1][1].clause)
            and f": {enough[-1][1].clause}" in sentence.plain
        ):
            # "It has to run on 3.8: no match statements": what follows the colon are examples.
            enough = enough[:1]
        # An order says what is wanted, a statement beside it says why.
        best = max(enough, key=lambda pair: (pair[1].form in _PLAIN_SPOKEN, pair[0]), default=None)
        return None if best is None else best[1]

    def _meant(self, rule: Directive, clause: str, sentence: Sentence) -> Directive:
        """Return a rule about "it" with what the words before its clause in the same sentence are about."""
        before = sentence.plain.partition(clause)[0]
        if not before or not _points(rule):
            return rule
        names = (*words.packages(before, self.setting.imports), *scope.paths(before, self.change))
        return _with(" ".join(names) or _unit(before), rule)

    def _in_context(self, before: str, sentence: Sentence) -> Directive | None:
        """Return a rule whose object is a pronoun, read with the one technology or place of the sentence before."""
        found = next((one for clause in sentence.clauses for one in directives(clause)), None)
        context = " ".join(one.plain for one in sentences(before))
        if found is None or not _points(found):
            return None
        names = (*words.packages(context, self.setting.imports), *scope.paths(before, self.change))
        meant = _with(" ".join(names) or _unit(context), found)
        total = standing.score(meant, sentence, self.setting, named_path=bool(scope.paths(before, self.change)))
        return meant if meant is not found and total >= standing.THRESHOLD else None

    def _asked(self, rule: Directive, text: str, sentence: Sentence, *, item: bool) -> Iterator[Said]:
        place = self._place(rule, text)
        whole = plain(text) if _points(rule) else f"{sentence.plain} {rule.matter}"
        if doubt.uncertain(rule, place, whole, self.change, points=_points(rule)):
            return
        about = subjects(rule.polarity, rule.thing, text, self.setting.imports, whole=sentence.plain)
        if place.function:
            about = (*about, f"function:{place.function}")
        added = item or doubt.adds(sentence.written)
        yield Said(place.scope, rule.polarity, one_line(text), about, item, rule.form, _complete(rule), added)

    def _place(self, rule: Directive, text: str) -> scope.Place:
        whole = " ".join(one.plain for one in sentences(text))
        place = scope.place(text, whole, self.project, self.change, rule)
        if rule.form is Form.PRAISE and self.change.kind and place.reach is not Reach.RULE:
            return scope.Place(Reach.KIND, self.change.kind)
        return place


def _complete(rule: Directive) -> bool:
    """Say whether a preference is a rule of its own: "we prefer X to Y" needs no ban beside it."""
    plain_spoken = rule.polarity is Polarity.PREFER and rule.form is Form.POLICY
    return plain_spoken and re.search(r"\b(?:to|over|rather than)\b", rule.matter) is not None


def _points(rule: Directive) -> bool:
    """Say whether a rule is about "it" or "there", which another sentence explains."""
    return not rule.matter or any(
        cue(name).search(rule.matter) for name in ("notes.object", "notes.that_place", "notes.whose")
    )


def _with(stand_in: str, rule: Directive) -> Directive:
    """Return the rule with `stand_in` for its pronoun; the same one where there is nothing to put there."""
    if not stand_in:
        return rule
    matter, clause = (_PRONOUN.sub(lambda _: stand_in, text, count=1) for text in (rule.matter, rule.clause))
    return replace(rule, matter=matter, clause=clause)


def _unit(text: str) -> str:
    """Return the file, rule or kind of change that `text` is about, as it is called there."""
    found = cue("notes.unit").search(text)
    found = found or cue("words.techniques").search(text)
    return found[0] if found else words.construct(text)


def _to_the_point(found: list[Said]) -> list[Said]:
    """Return what one paragraph asks for without the statements that only say why."""
    asked = {one.polarity for one in found if one.form in _PLAIN_SPOKEN and not one.added} - {Polarity.PREFER}
    found = [one for one in found if one.form is not Form.VERDICT or not asked or one.polarity in asked]
    return [
        one
        for place, one in enumerate(found)
        if one.added or not any(doubt.rivals(one.polarity, other.polarity) for other in found[:place])
    ]


def _merged(found: list[Said]) -> Iterator[Said]:
    """Yield what is said, the same thing in other words joined; items of a list stand for themselves."""
    kept: list[Said] = []
    for one in found:
        same = next((place for place, other in enumerate(kept) if _same(one, other)), None)
        if same is None:
            kept.append(one)
        else:
            kept[same] = _joined(kept[same], one)
    forbids = any(one.polarity is Polarity.AVOID for one in kept)
    # "Do not use X, use Y instead" is one rule; Y is the way to keep it.
    yield from (one for one in kept if one.item or one.kept or not (forbids and one.polarity is Polarity.PREFER))


def _same(one: Said, other: Said) -> bool:
    slogan = any(cue("notes.slogan").search(part.sentence.lower()) for part in (one, other))
    if one.polarity is not other.polarity or (one.item and other.item and not slogan):
        return False
    # A rule and the sentence that leads up to it: the narrower place is the one that was meant.
    loose = any(part.scope.startswith(f"{Reach.PROJECT}:") and not part.subjects for part in (one, other))
    return one.scope == other.scope or loose or slogan


def _joined(one: Said, other: Said) -> Said:
    where = other.scope if one.scope.startswith(f"{Reach.PROJECT}:") else one.scope
    about = tuple(dict.fromkeys((*one.subjects, *other.subjects)))
    texts = [one.sentence, other.sentence]
    parts = texts[:1] if texts[1] in texts[0] else texts[1:] if texts[0] in texts[1] else texts
    return replace(one, scope=where, sentence=one_line(" ".join(parts)), subjects=about)
