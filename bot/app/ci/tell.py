"""Says what came of a run where it was asked for: a note, suggestions at the diff, the dashboard of the sweep."""

from collections.abc import Iterator, Mapping, Sequence

from bot.app.ci.publish import SHOWN, Delivered, Desk
from bot.app.ci.reports import branch_of
from bot.app.comment import topic
from bot.app.publish import LABEL
from bot.domain.errors import Refused
from bot.domain.exchange import DryRun, Gathered, Order, Plan
from bot.domain.forge import DiffLine, Noteable, NoteableKind
from bot.domain.job import TriggerKind
from bot.domain.ledger import LedgerEntry
from bot.domain.publication import PublishedAs
from bot.domain.revision import Revision
from bot.domain.rollout import Phase
from bot.localize.diff import added_lines
from bot.report.answer import answer, conclusive
from bot.report.board import Board
from bot.report.dashboard import TITLE, TOPIC, Open, dashboard
from bot.report.ledger import section
from bot.report.note import Entry, note
from bot.report.suggestion import Suggestion, suggestion

_REPORT = "report"
_DONE, _NOTHING = "white_check_mark", "heavy_minus_sign"


def tell(
    desk: Desk,
    plan: Plan,
    gathered: Gathered,
    delivered: Sequence[Delivered],
    pipeline: str,
    board: Board,
    ledger: Sequence[LedgerEntry] = (),
) -> None:
    """Write everything but the merge requests; nothing in a dry run. `pipeline` is the address of the pipeline.

    Where the project only observes, nobody is told but who asked.
    """
    order = plan.order
    if order.dry is not DryRun.NO or not _anybody(order, desk.rollout.phase):
        return
    answers = dict(_answers(desk, plan, gathered, delivered, pipeline))
    if order.trigger.kind is not TriggerKind.COMMAND:
        delivered = [one for one in delivered if one.shown]
    if order.at is None:
        _dashboard(desk, plan, gathered, delivered, board, ledger)
        return
    at = order.at
    suggested = _suggest(desk, plan, delivered, at)
    if answers:
        desk.forge.talk.say(at, _topic(order), next(iter(answers.values())), order.trigger.thread)
    elif _worth_a_note(order, gathered, delivered):
        notes = (*plan.notes, *(["Suggestions stand at the changed lines."] if suggested else []))
        body = note([one.entry for one in delivered], gathered.silent, notes, pipeline)
        desk.forge.talk.say(at, _topic(order), desk.redact(body), order.trigger.thread)
    if order.trigger.note is not None:
        found = any(one.published is not None and one.published.how in SHOWN for one in delivered)
        desk.forge.reactions.react(at, order.trigger.note, _DONE if found else _NOTHING)


def _anybody(order: Order, phase: Phase) -> bool:
    if order.trigger.kind is TriggerKind.COMMAND:
        return phase is not Phase.OFF
    return phase.reaches(Phase.SUGGEST)


def _answers(
    desk: Desk, plan: Plan, gathered: Gathered, delivered: Sequence[Delivered], pipeline: str
) -> Iterator[tuple[int, str]]:
    """Answer the threads that asked for another change; yield what is said in them, by the number of the comment."""
    if desk.reviser is None:
        return
    for revision in plan.order.revisions:
        if not revision.note:
            continue
        mine = next((one for one in delivered if branch_of(plan, one.settled) == revision.branch), None)
        how = None if mine is None or mine.published is None else mine.published.how
        proof = "" if how in SHOWN else desk.reviser.proof(revision, plan.commit)
        entry = None if mine is None else mine.entry
        notes = plan.notes if plan.order.at is not None else ()
        said = answer(revision, entry, gathered.silent, notes, proof, pipeline, pushed=how in SHOWN)
        body = desk.redact(said)
        if _for_good(revision, mine):
            desk.reviser.answer(revision, body)
        yield revision.note, body


def _for_good(revision: Revision, done: Delivered | None) -> bool:
    """Say whether a thread can be answered; what nobody could find out tonight waits for the next sweep."""
    if done is None or revision.problem:
        return True
    if done.settled.accepted is None:
        return conclusive(done.settled.attempt)
    return done.published is not None and done.published.how is not PublishedAs.STALE


def _topic(order: Order) -> str:
    """Return the topic of the note: the reply to a command, or one for all pipelines of a merge request."""
    return _REPORT if order.trigger.note is None else topic(order.trigger.note)


def _worth_a_note(order: Order, gathered: Gathered, delivered: Sequence[Delivered]) -> bool:
    """Say whether anybody wants to read it: who asked always does, a merge request only where something came of it."""
    if order.trigger.kind is TriggerKind.COMMAND:
        return True
    return bool(gathered.silent) or any(one.settled.accepted or one.settled.held for one in delivered)


def _suggest(desk: Desk, plan: Plan, delivered: Sequence[Delivered], at: Noteable) -> bool:
    """Put edits that lie inside the diff at its lines; return whether there was one."""
    accepted = [one for one in delivered if one.settled.accepted is not None and one.shown]
    if not accepted or at.kind is not NoteableKind.MERGE_REQUEST:
        return False
    request = desk.forge.merge_requests.get(at.iid)
    if request is None or request.head_sha != plan.commit or not request.base_sha:
        return False  # positions in a diff that has moved on would be wrong
    added = added_lines(desk.clone.diff(request.base_sha, plan.commit))
    done = False
    for one in accepted:
        for found in _suggestions(one, added):
            place = DiffLine(request.base_sha, request.start_sha, request.head_sha, found.path, found.line)
            name = f"suggestion-{one.settled.attempt.target.function.slug}"
            done = _suggested(desk, at, name, desk.redact(_body(one, found)), place) or done
    return done


def _suggested(desk: Desk, at: Noteable, name: str, body: str, place: DiffLine) -> bool:
    """Post one suggestion; False where it could not be shown to the letter."""
    try:
        desk.forge.talk.suggest(at, name, body, place)
    except Refused:
        return False
    return True


def _suggestions(one: Delivered, added: Mapping[str, frozenset[int]]) -> list[Suggestion]:
    """Return the suggestion of a change of one file; a change of several is never applied in parts."""
    changes = one.settled.accepted.edits.changes if one.settled.accepted else ()
    if len(changes) != 1:
        return []
    found = suggestion(changes[0], added.get(changes[0].path, frozenset()))
    return [] if found is None else [found]


def _body(one: Delivered, found: Suggestion) -> str:
    return f"{note([one.entry], (), ())}\n{found.block}\n"


def _dashboard(
    desk: Desk,
    plan: Plan,
    gathered: Gathered,
    delivered: Sequence[Delivered],
    board: Board,
    ledger: Sequence[LedgerEntry],
) -> None:
    forge = desk.forge
    mine = forge.merge_requests.opened_by(forge.directory.me().id)
    opened = [Open(f"[!{one.iid}]({one.web_url})", one.title) for one in mine]
    entries: list[Entry] = [one.entry for one in delivered]
    names = [str(one.settled.attempt.target.function) for one in delivered]
    body = dashboard(entries, names, opened, gathered.silent, plan.order.most, board)
    body = "\n".join(part for part in (body, section(ledger)) if part)
    forge.issues.write(TOPIC, TITLE, desk.redact(body), (LABEL,))
