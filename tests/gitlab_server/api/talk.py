"""Notes, discussions, emoji and suggestions, on merge requests and issues alike."""

from tests.gitlab_server import conversation
from tests.gitlab_server.state import Access
from tests.gitlab_server.views import talk
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, not_found


def _seen(request):
    return [note for note in request.thing.notes if not note.internal or request.access >= Access.REPORTER]


def notes(request):
    found = _seen(request)
    if request.query.get("activity_filter") == "only_comments":
        found = [note for note in found if not note.system]
    moment = "updated_at" if request.query.get("order_by") == "updated_at" else "created_at"
    newest = request.query.get("sort", "desc") == "desc"
    found = sorted(found, key=lambda note: (getattr(note, moment), note.id), reverse=newest)
    return Page(found, lambda one: talk.note(request.world, one))


def show(request):
    return talk.note(request.world, request.note)


def create(request):
    body = request.need("body")
    if request.thing.locked:
        request.demand(Access.GUEST)
    internal = request.flag("internal") or request.flag("confidential")
    return _posted(request, conversation.say(request.world, request.thing, request.user, body, internal=internal))


def _posted(request, note):
    """A note, or what GitLab says where the text held quick actions only."""
    if note is None:
        return Reply(202, {"commands_changes": {}, "summary": ["Applied quick actions."]})
    return talk.note(request.world, note)


def update(request):
    note = request.note
    conversation.edit(request.world, note, request.user, request.need("body"))
    return talk.note(request.world, note)


def remove(request):
    conversation.delete(request.world, request.note, request.user)
    return Reply(204)


def discussions(request):
    seen = set(_seen(request))
    found = [(key, [note for note in notes if note in seen]) for key, notes in request.thing.discussions.items()]
    return Page([one for one in found if one[1]], lambda one: talk.discussion(request.world, *one))


def _thread(request):
    key = request.values["discussion"]
    found = request.thing.discussions.get(key)
    if found is None:
        raise not_found("Discussion")
    return key, found


def discussion(request):
    return talk.discussion(request.world, *_thread(request))


def open_discussion(request):
    body, world, thing = request.need("body"), request.world, request.thing
    note = conversation.say(world, thing, request.user, body, position=request.get("position"), threaded=True)
    if note is None:
        return _posted(request, None)
    return talk.discussion(world, note.discussion, [note])


def resolve(request):
    key, found = _thread(request)
    request.demand(Access.DEVELOPER)
    if found[0].kind is None:
        raise RefusalError(400, "400 Bad request - Discussion is not resolvable")
    for note in found:
        note.resolved = request.flag("resolved")
        note.resolved_by = request.user if note.resolved else None
    return talk.discussion(request.world, key, found)


def reply(request):
    key, _ = _thread(request)
    note = conversation.say(request.world, request.thing, request.user, request.need("body"), discussion=key)
    return _posted(request, note)


def _subject(request):
    return request.note if "note" in request.values else request.thing


def awards(request):
    subject = _subject(request)
    return Page(subject.awards, lambda one: talk.award(request.world, one, subject))


def _award(request):
    number = request.number("award")
    found = next((award for award in _subject(request).awards if award.id == number), None)
    if found is None:
        raise not_found("Award Emoji")
    return found


def show_award(request):
    return talk.award(request.world, _award(request), _subject(request))


def give_award(request):
    subject = _subject(request)
    given = conversation.award(request.world, subject, request.user, request.need("name").strip(":"))
    return talk.award(request.world, given, subject)


def take_award(request):
    conversation.revoke(request.world, _subject(request), request.user, _award(request))
    return Reply(204)


def apply_suggestion(request):
    number, world = request.number("suggestion"), request.world
    for project in world.projects.values():
        for mr in project.merge_requests.values():
            for note in mr.notes:
                for suggestion in note.suggestions:
                    if suggestion.id == number and world.sees_code(project, request.user):
                        conversation.apply_suggestion(world, suggestion, request.user)
                        return talk.suggestion(world, suggestion)
    raise not_found("Suggestion")


def _routes(base, *, code, reads_for_jobs):
    note, thread = f"{base}/notes/{{note}}", f"{base}/discussions/{{discussion}}"
    awards_of = [
        route
        for of in (base, note)
        for route in (
            Route("GET", f"{of}/award_emoji", awards, code=code),
            Route("POST", f"{of}/award_emoji", give_award, code=code, status=201),
            Route("GET", f"{of}/award_emoji/{{award}}", show_award, code=code),
            Route("DELETE", f"{of}/award_emoji/{{award}}", take_award, code=code),
        )
    ]
    return (
        Route("GET", f"{base}/notes", notes, code=code, job=reads_for_jobs),
        Route("POST", f"{base}/notes", create, code=code, status=201),
        Route("GET", note, show, code=code, job=reads_for_jobs),
        Route("PUT", note, update, code=code),
        Route("DELETE", note, remove, code=code),
        Route("GET", f"{base}/discussions", discussions, code=code),
        Route("POST", f"{base}/discussions", open_discussion, code=code, status=201),
        Route("GET", thread, discussion, code=code),
        Route("PUT", thread, resolve, code=code),
        Route("POST", f"{thread}/notes", reply, code=code, status=201),
        Route("PUT", f"{thread}/notes/{{note}}", update, code=code),
        Route("DELETE", f"{thread}/notes/{{note}}", remove, code=code),
        *awards_of,
    )


ROUTES = (
    *_routes("projects/{project}/merge_requests/{mr}", code=True, reads_for_jobs=True),
    *_routes("projects/{project}/issues/{issue}", code=False, reads_for_jobs=False),
    Route("PUT", "suggestions/{suggestion}/apply", apply_suggestion),
)
