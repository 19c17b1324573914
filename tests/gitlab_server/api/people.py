"""Who am I, who are the others, what may this token do."""

from datetime import date

from tests.gitlab_server.state import Access, Member
from tests.gitlab_server.views import people
from tests.gitlab_server.web import Page, Reply, Route
from tests.gitlab_server.world import RefusalError, not_found


def version(_):
    return {"version": "18.9.0-ee", "revision": "abcdef01234", "kas": {"enabled": False}, "enterprise": True}


def me(request):
    if request.user is None:
        raise RefusalError(401, "401 Unauthorized")
    return people.me(request.world, request.user)


def token_self(request):
    if request.token is None or request.token.kind == "job":
        raise RefusalError(401, "401 Unauthorized")
    return people.token(request.token)


def users(request):
    name = request.query.get("username", "").lower()
    found = [one for one in request.world.users.values() if not name or one.username.lower() == name]
    return Page(found, lambda one: people.user(request.world, one))


def user(request):
    found = request.world.users.get(request.number("user"))
    if found is None:
        raise not_found("User")
    return people.user(request.world, found)


def _page(request, found):
    word = request.query.get("query", "").lower()
    wanted = {int(number) for number in request.words("user_ids")}
    found = [one for one in found if not word or word in one.user.username.lower() or word in one.user.name.lower()]
    found = [one for one in found if not wanted or one.user.id in wanted]
    return Page(found, lambda one: people.member(request.world, one))


def _alive(request):
    members = (request.world.member(request.project, one.user) for one in request.project.members.values())
    return [one for one in members if one is not None]


def all_members(request):
    return _page(request, _alive(request))


def members(request):
    return _page(request, [one for one in _alive(request) if not one.inherited])


def _one(request, found):
    number = request.number("user")
    member = next((one for one in found if one.user.id == number), None)
    if member is None:
        raise not_found()
    return people.member(request.world, member)


def one_of_all(request):
    return _one(request, _alive(request))


def one_member(request):
    return _one(request, [one for one in _alive(request) if not one.inherited])


def add_member(request):
    number, level = request.need("user_id", "access_level")
    user = request.world.users.get(int(number))
    if user is None:
        raise not_found("User")
    if user.id in request.project.members:
        raise RefusalError(409, "Member already exists")
    ends = request.get("expires_at")
    member = Member(user, Access(int(level)), date.fromisoformat(ends) if ends else None)
    request.project.members[user.id] = member
    return people.member(request.world, member)


def remove_member(request):
    if request.project.members.pop(request.number("user"), None) is None:
        raise not_found()
    return Reply(204)


MEMBERS = "projects/{project}/members"
ROUTES = (
    Route("GET", "version", version, scopes=("*",)),
    Route("GET", "metadata", version, scopes=("*",)),
    Route("GET", "user", me, anyone=True, scopes=("read_user",)),
    Route("GET", "personal_access_tokens/self", token_self, anyone=True, scopes=("*",)),
    Route("GET", "users", users, scopes=("read_user",)),
    Route("GET", "users/{user}", user, scopes=("read_user",)),
    Route("GET", f"{MEMBERS}/all", all_members),
    Route("GET", f"{MEMBERS}/all/{{user}}", one_of_all),
    Route("GET", MEMBERS, members),
    Route("GET", f"{MEMBERS}/{{user}}", one_member),
    Route("POST", MEMBERS, add_member, Access.MAINTAINER, status=201),
    Route("DELETE", f"{MEMBERS}/{{user}}", remove_member, Access.MAINTAINER),
)
