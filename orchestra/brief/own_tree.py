"""Whether a writer can get a tree of its own; what is in the way is said before anybody is paid."""

from pathlib import Path

from orchestra.brief.git import GitFailed, git, repository
from orchestra.brief.target import Target
from orchestra.errors import EnvironmentLacking, TargetInvalid

_OF_ORCHESTRA = ("for-each-ref", "--format=%(refname)", "refs/heads/orchestra")


def in_a_tree(target: Target) -> Target:
    """The target, if it lies where a writer can get a tree of it."""
    if target.given is not None:
        raise TargetInvalid(
            "What comes over standard input lies in no tree, so nothing in it can be changed.",
            next_step="Save it as a file and name that.",
        )
    ensure_a_tree(target.root)
    return target


def ensure_a_tree(root: Path) -> None:
    """Raise where git would give a writer no tree of this folder."""
    top = repository(root)
    try:
        branches = git(root, *(_OF_ORCHESTRA if top else ("version",))).split()
    except GitFailed as error:
        raise EnvironmentLacking(
            f"No writer can get a tree here: git says {error.said}.",
            where=root,
            next_step=error.remedy(top or root) or "Mend that, then run it again.",
        ) from error
    if b"refs/heads/orchestra" in branches:
        raise EnvironmentLacking(
            "A branch is called 'orchestra', so git allows none called 'orchestra/RUN/WORKER', as writers get.",
            where=top,
            next_step="Give it another name: `git branch -m orchestra ANOTHER`.",
        )
