"""A working tree and the git that knows it: the user's own, a worker's, or a store of ours for a folder outside git."""

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from orchestra.brief.git import GitFailed, git, repository
from orchestra.errors import StateUnusable

AUTHOR = "orchestra"
PATIENCE = 900.0
"""Seconds one call may take. 10,000 files take 2; a filter that fetches from a network that is away takes for ever."""
_SETTINGS = (
    "core.hooksPath=/dev/null",  # hooks may lie in the tree a worker writes, and none is asked for here
    "core.safecrlf=false",  # a line end that git would rather complain about is no reason to fail
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
_PRIVATE = "[core]\n\tautocrlf = false\n\tlooseCompression = 1\n"
_AS_IT_IS = "* -text -filter -ident -eol -working-tree-encoding\n"


@dataclass(frozen=True, slots=True)
class Checkout:
    """Files in a folder, and where git keeps what it knows of them.

    git is told both by name and never looks for itself: what a worker leaves in its tree, a `.git` of its own
    included, decides nothing about which configuration is read.
    """

    tree: Path
    git_dir: Path
    common: Path
    """The git folder all worktrees of the repository share."""
    private: bool = False
    """The folder lies in no repository; what git knows of it lies in the run folder and goes with it."""
    unfiltered: tuple[str, ...] = ()
    """Settings that switch the user's filters off, where one of them does not work (git-lfs is not there)."""

    def git(
        self,
        *arguments: str,
        index: Path | None = None,
        given: bytes = b"",
        author: str | None = AUTHOR,
        at: datetime | None = None,
        accepted: Collection[int] = (0,),
    ) -> bytes:
        """What git prints, with an index of its own if one is named. `author` None: the user, as git knows them."""
        where = self.tree if self.tree.is_dir() else self.git_dir  # it may still have to be made
        environment = {"GIT_DIR": str(self.git_dir), "GIT_WORK_TREE": str(where)}
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        if author is not None:
            environment |= {f"GIT_{who}_NAME": author for who in ("AUTHOR", "COMMITTER")}
            environment |= {f"GIT_{who}_EMAIL": f"{author}@localhost" for who in ("AUTHOR", "COMMITTER")}
        if at is not None:
            environment |= {f"GIT_{who}_DATE": f"{at.timestamp():.0f} +0000" for who in ("AUTHOR", "COMMITTER")}
        settings = (*_SETTINGS, *self.unfiltered)
        return git(
            where,
            *arguments,
            given=given,
            settings=settings,
            environment=environment,
            accepted=accepted,
            timeout=PATIENCE,
            undisturbed=True,
        )

    def line(self, *arguments: str, index: Path | None = None) -> str:
        """The one line git prints."""
        return os.fsdecode(self.git(*arguments, index=index)).strip()

    def names(self, *arguments: str, index: Path | None = None) -> list[bytes]:
        """What git prints with `-z`."""
        return [name for name in self.git(*arguments, index=index).split(b"\0") if name]

    def commit_of(self, name: str) -> str | None:
        """The id of a commit; None if there is none of that name."""
        try:
            return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitFailed:
            return None

    def tree_of(self, commit: str) -> str:
        """The id of what a commit holds: equal for equal files, whoever committed them and when."""
        return self.line("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    def is_in(self, commit: str, tip: str) -> bool:
        """A commit is part of the history of another."""
        try:
            self.git("merge-base", "--is-ancestor", commit, tip)
        except GitFailed:
            return False
        return True

    def commit(
        self,
        tree: str,
        parents: Collection[str],
        message: str,
        author: str | None = AUTHOR,
        at: datetime | None = None,
    ) -> str:
        """Make a commit of a tree; nothing points to it yet."""
        over = [word for parent in parents for word in ("-p", parent)]
        said = self.git("commit-tree", tree, *over, given=message.encode(), author=author, at=at)
        return os.fsdecode(said).strip()

    def without_filters(self) -> "Checkout":
        """The same, with every filter the configuration names switched off; itself where there is none."""
        try:
            found = self.names("config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.")
        except GitFailed:  # nothing matches
            return self
        drivers = dict.fromkeys(os.fsdecode(name).rpartition(".")[0] for name in found)
        off = [f"{driver}.{key}=" for driver in drivers for key in ("clean", "smudge", "process")]
        return replace(self, unfiltered=(*off, *(f"{driver}.required=false" for driver in drivers)))


def checkout_of(folder: Path, store: Path, private: bool | None = None) -> Checkout:
    """How git sees a folder. One that lies in no repository gets a store of its own, which is made if need be.

    `private` says how it was seen before, should somebody have made a repository of it since.
    """
    top = None if private else repository(folder)
    if top is None and private is False:
        raise StateUnusable(
            "There is no git repository any more.", where=folder, next_step="Bring its `.git` back, then say it again."
        )
    if top is None:
        return _private(folder, store)
    said = git(top, "rev-parse", "--absolute-git-dir", "--git-common-dir").splitlines()
    git_dir, common = (Path(top, os.fsdecode(line)).resolve() for line in said)
    return Checkout(tree=top, git_dir=git_dir, common=common)


def _private(folder: Path, store: Path) -> Checkout:
    if not (store / "HEAD").exists():
        git(store.parent, "init", "--quiet", "--bare", "--template=", str(store))
        with (store / "config").open("a", encoding="utf-8") as config:
            config.write(_PRIVATE)
        (store / "info").mkdir(exist_ok=True)
        (store / "info" / "attributes").write_text(_AS_IT_IS, encoding="utf-8")
    return Checkout(tree=folder, git_dir=store, common=store, private=True)
