"""Git towards GitLab: what it leaves behind, what it shows of the token, and what a machine cannot make it do."""

import logging
import os
from pathlib import Path

import pytest

from bot.app.publish import Publisher
from bot.domain.errors import ForgeError, Moved, Refused
from tests.gitlab_server import Fault


def processes(secret):
    """Names of processes that show `secret` to others, in their arguments or variables."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                if secret.encode() in (place / name).read_bytes():
                    found.append(f"{place.name}: {name}")
            except OSError:
                continue
    return found


def test_the_token_is_in_no_process_list_log_or_file(shop, caplog):
    caplog.set_level(logging.DEBUG)
    seen, looked = [], []

    def look():
        looked.append(1)
        seen.extend(processes(shop.token.secret))

    shop.server.faults.add(Fault.call(look, acted=False), kind="git", times=50)
    remote = shop.remote()
    Publisher(shop.forge(), remote, remote).publish(shop.change(remote))
    assert len(looked) > 4
    assert seen == []
    assert shop.token.secret not in caplog.text
    files = [path for path in shop.places.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not any(shop.token.secret.encode() in path.read_bytes() for path in files)


def test_neither_the_machines_configuration_nor_its_variables_have_a_say(shop, tmp_path, monkeypatch):
    home, ran = tmp_path / "home", tmp_path / "ran"
    hooks = home / "hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {ran}\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n hooksPath = {hooks}\n fsmonitor = {hooks}/pre-push\n[credential]\n helper = !touch {ran}; false\n"
        f'[url "http://127.0.0.1:1/"]\n insteadOf = {shop.server.url}/\n'
    )
    for name, value in {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_TRACE_CURL": str(tmp_path / "trace"),
        "GIT_TRACE2_EVENT": str(tmp_path / "trace"),
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
    }.items():
        monkeypatch.setenv(name, value)
    remote = shop.remote()
    change = shop.change(remote)
    remote.push(change.branch, change.commit, None)
    assert shop.project.repository.sha(change.branch) == change.commit
    assert not ran.exists()
    assert not (tmp_path / "trace").exists()


def test_secrets_of_the_job_are_not_handed_to_git(shop, monkeypatch):
    monkeypatch.setenv("HOTLAP_MODEL_KEY", "sk-canary-canary-canary")
    seen = []
    shop.server.faults.add(Fault.call(lambda: seen.extend(git_variables()), acted=False), kind="git")
    shop.remote().tip("main")
    assert seen
    assert not any(b"sk-canary-canary-canary" in one for one in seen)


def git_variables():
    """The environment of each git process that is a child of this one."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (place / "cmdline").read_bytes(), (place / "status").read_text()
            if command.startswith(b"git\0") and f"PPid:\t{os.getpid()}\n" in status:
                yield (place / "environ").read_bytes()
        except OSError:
            continue


def test_a_branch_that_is_not_where_it_was_is_not_moved(shop):
    remote = shop.remote()
    change = shop.change(remote)
    with pytest.raises(Moved):
        remote.push(change.branch, change.commit, "1" * 40)
    remote.push(change.branch, change.commit, None)
    with pytest.raises(Moved):
        remote.push(change.branch, change.base, None)
    assert shop.project.repository.sha(change.branch) == change.commit


@pytest.mark.parametrize("name", ["--mirror", "-x", "a..b", "a b", "a\nb", "", "a~1", "refs/../x", "a:b", "@{-1}"])
def test_names_that_are_no_branches_do_not_reach_git(shop, name):
    remote = shop.remote()
    for act in (remote.tip, remote.fetch, lambda branch: remote.push(branch, "1" * 40, None)):
        with pytest.raises(Refused, match="not a valid branch name"):
            act(name)


def test_a_protected_branch_is_said_with_what_to_do(shop):
    shop.server.protect(shop.project, "hotlap/*")
    remote = shop.remote()
    change = shop.change(remote)
    with pytest.raises(ForgeError, match="let it out of the rule"):
        remote.push(change.branch, change.commit, None)


def test_a_token_that_may_not_push_is_said_with_what_to_do(shop):
    remote = shop.remote()
    change = shop.change(remote)
    shop.token.revoked = True
    with pytest.raises(ForgeError, match="HOTLAP_GITLAB_TOKEN"):
        remote.push(change.branch, change.commit, None)


def test_only_commits_of_others_are_strangers(shop):
    remote = shop.remote()
    change = shop.change(remote)
    remote.push(change.branch, change.commit, None)
    assert remote.strangers(change.base, change.commit) == ()
    shop.server.push(shop.project, shop.people["dev"], change.branch, {"b.py": "1\n"}, "mine")
    tip = remote.fetch(change.branch)
    assert remote.strangers(change.base, tip) == (tip,)
    assert remote.touched(change.base, tip) == {"b.py": True, "src/total.py": True}
    assert remote.fetch(change.base) == change.base
