"""Where each worker stands, and what becomes of what it changed there.

`read`: in the user's own files, which are looked at before and after. `write`: in a worktree of its own, whose changes
the orchestrator commits. `scratch`: in a worktree that is thrown away. Nobody but the user writes in the user's files.
"""

import asyncio
import functools
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from orchestra.brief.ask import Ask, Scope
from orchestra.brief.git import GitFailed
from orchestra.brief.target import Target
from orchestra.crew import tree as trees
from orchestra.crew.attempt import Attempted
from orchestra.crew.changes import CHANGED_WHILE_READING, Changes
from orchestra.crew.difference import write_patch
from orchestra.crew.grounds import Grounds
from orchestra.crew.run_folder import RunFolder, write_whole
from orchestra.crew.tree import Found, Tree, TreeRecord, branch_name, held
from orchestra.crew.watched import Look, Watched, some
from orchestra.errors import StateUnusable
from orchestra.reports.plain import one_line
from orchestra.workers.task import FileChange

T = TypeVar("T")


class NoTree(Exception):
    """A worker's tree cannot be made; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one worker stands. `close` says what it changed."""

    cwd: Path
    close: Callable[[Attempted], Awaitable[Attempted]]
    finished: bool = True
    """What was left of it by a dead orchestrator is whole: an answer that was complete can be sealed."""


class Workspaces:
    """Gives each worker of a run its place."""

    def __init__(
        self,
        *,
        folder: RunFolder,
        root: Path,
        asked: str,
        target: Target | None = None,
    ) -> None:
        self._folder, self._root, self._asked = folder, root, asked
        self._watched = Watched(target)
        self._making = asyncio.Lock()
        self.grounds = Grounds(folder, root)

    def __repr__(self) -> str:
        return f"<Workspaces of {self._folder.id}>"

    # ── a worker's life in it ────────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def of(self, ask: Ask[Any], label: str, number: int) -> AsyncIterator[Place]:
        """The place of one attempt. Raises `NoTree` where git refuses; a full disk stays an OSError."""
        if _stands_in_the_users_files(ask):
            before = await aside(self._watched.look) if self._watched else {}
            yield Place(ask.cwd or self._root, functools.partial(self._look_again, before))
            return
        attempt = self._folder.attempt(label, number)
        trees.prepare(attempt)
        with held(attempt):
            async with self._making:  # git takes some locks for a moment; whoever finds one taken gives up
                tree = await aside(self._make, ask, label, number)
            yield Place(tree.cwd, functools.partial(aside, self._settle, tree, ask))

    def left(self, ask: Ask[Any], label: str, number: int) -> Place:
        """The place of an attempt whose orchestrator died."""
        if _stands_in_the_users_files(ask):
            return Place(ask.cwd or self._root, _as_it_is)
        tree = self._opened(label, number)
        if tree is None:
            return Place(ask.cwd or self._root, _as_it_is, finished=False)
        settled = tree.record.settled
        keeps = tree.record.scope is not Scope.WRITE or settled is None or settled.kept
        whole = keeps and (tree.there or settled is not None)
        return Place(tree.cwd, functools.partial(aside, self._settle, tree, ask), finished=whole)

    def discard(self, label: str, number: int) -> None:
        """Take away the tree of an attempt that will never be finished; what was changed in it is kept as a patch."""
        tree = self._opened(label, number)
        if tree is not None and tree.record.settled is None:
            self._thrown_away(tree)

    def clear(self) -> None:
        """At the beginning of another life of the run: no throw-away tree of the last one stays."""
        for label in self._folder.labels():
            for number in self._folder.attempts(label):
                attempt = self._folder.attempt(label, number)
                if not attempt.tree.is_dir() or attempt.result.exists():
                    continue
                tree = self._opened(label, number)
                if tree is not None and tree.record.scope is not Scope.WRITE:
                    self._thrown_away(tree)

    def _opened(self, label: str, number: int) -> Tree | None:
        attempt = self._folder.attempt(label, number)
        try:
            return trees.opened(attempt, self.grounds.checkout_again)
        except GitFailed as error:
            raise StateUnusable(
                f"The tree of {label} cannot be looked at: git says {error.said}",
                where=attempt.tree,
                next_step=f"Mend that, then `orchestra resume {self._folder.id}`: its work is not lost.",
            ) from error

    # ── making ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _make(self, ask: Ask[Any], label: str, number: int) -> Tree:
        try:
            at = self.grounds.checkout(ask.cwd)
            ground = self.grounds.named(ask.base, ask.cwd) if ask.base is not None else self.grounds.users(at)
            record = TreeRecord(
                scope=ask.scope,
                top=self.grounds.place(at),
                private=at.private,
                ground=ground,
                branch=branch_name(self._folder.id, label) if ask.scope is Scope.WRITE else None,
                within=str((ask.cwd or self._root).resolve().relative_to(at.tree.resolve())),
            )
            tree = trees.make(at, self._folder.attempt(label, number), record)
        except GitFailed as error:
            raise NoTree(f"Its tree could not be made: git says {error.said}") from error
        tree.cwd.mkdir(parents=True, exist_ok=True)
        return tree

    # ── what becomes of it ───────────────────────────────────────────────────────────────────────────────────────

    async def _look_again(self, before: Look, done: Attempted) -> Attempted:
        seen = await aside(self._watched.changed_since, before) if before else ()
        changed = tuple(dict.fromkeys((*seen, *(change.path for change in done.result.files_changed))))
        if not changed:
            return done
        return _noted(done, f"{CHANGED_WHILE_READING}: {some(changed)} (by it, by another worker, or by you).")

    def _settle(self, tree: Tree, ask: Ask[Any], done: Attempted) -> Attempted:
        """Commit what a writer that answered changed; take every other tree away."""
        if tree.record.settled is not None:
            return _with(done, tree, tree.record.settled, gone=True)
        if tree.record.scope is not Scope.WRITE or not done.result.answered:
            return _with(done, tree, self._thrown_away(tree), gone=True)
        try:
            found = tree.found()
            changes = self._changes(tree, found, kept=True)
            if changes.files:
                changes = self._committed(tree, found, changes, ask)
        except GitFailed as error:
            raise StateUnusable(
                f"What {done.result.label} changed could not be committed: git says {error.said}",
                where=tree.attempt.tree,
                next_step=f"Mend that, then `orchestra resume {self._folder.id}`: its work is not lost.",
            ) from error
        if not changes.files:
            changes = self._taken_away(tree, changes)
        return _with(done, tree, changes, gone=not changes.files)

    def _committed(self, tree: Tree, found: Found, changes: Changes, ask: Ask[Any]) -> Changes:
        commit = tree.commit(found.tree, self._message(tree, ask))
        write_patch(tree.user, tree.record.ground.commit, commit, tree.attempt.patch)
        kept = {"commit": commit, "branch": tree.record.branch, "patch": self._patch(tree)}
        return changes.model_copy(update=kept)

    def _patch(self, tree: Tree) -> str:
        return str(tree.attempt.patch.relative_to(self._folder.path))

    def _thrown_away(self, tree: Tree) -> Changes:
        """What was changed in a tree that is taken away; of a writer, kept as a patch for who wants to read it."""
        changes = Changes(ground=tree.record.ground, kept=False, tree=tree.record.ground.tree, top=tree.record.top)
        if tree.there:
            with suppress(GitFailed):
                found = tree.found()
                changes = self._changes(tree, found, kept=False)
                if tree.record.scope is Scope.WRITE and changes.files:
                    write_patch(tree.user, tree.record.ground.commit, found.tree, tree.attempt.patch)
                    changes = changes.model_copy(update={"patch": self._patch(tree)})
        return self._taken_away(tree, changes)

    def _taken_away(self, tree: Tree, changes: Changes) -> Changes:
        settled = tree.record.model_copy(update={"settled": changes})
        write_whole(tree.attempt.tree_record, settled.model_dump_json(indent=1), sync=True)
        try:
            tree.remove()
        except OSError as error:  # files of another user, made by a container the worker started
            return changes.model_copy(update={"trouble": f"Its tree could not be removed: {error}"})
        return changes

    def _changes(self, tree: Tree, found: Found, kept: bool) -> Changes:
        return Changes(
            ground=tree.record.ground,
            kept=kept,
            tree=found.tree,
            files=found.files,
            top=tree.record.top,
            private=tree.record.private,
            ignored=found.ignored,
            left_out=found.left_out,
        )

    def _message(self, tree: Tree, ask: Ask[Any]) -> str:
        """Which run, which worker, which task: one look at the history says where a change comes from."""
        said = ask.prompt if isinstance(ask.prompt, str) else ask.title or ask.role
        task = next((line for line in said.splitlines() if line.strip()), ask.role)
        return (
            f"{one_line(f'{ask.role}: {self._asked}', 72)}\n\nTask: {one_line(task, 200)}\n\n"
            f"Orchestra-Run: {self._folder.id}\nOrchestra-Worker: {tree.label}\n"
        )


async def _as_it_is(done: Attempted) -> Attempted:
    return done


def _stands_in_the_users_files(ask: Ask[Any]) -> bool:
    return ask.scope is Scope.READ and ask.base is None


def _with(done: Attempted, tree: Tree, changes: Changes, gone: bool) -> Attempted:
    """The result says what was observed, and names no folder that is not there any more."""
    result = done.result
    cwd = f"-C {shlex.quote(str(tree.cwd))} "
    go_on = result.continue_command.replace(cwd, "") if gone and result.continue_command else result.continue_command
    seen = tuple(FileChange(path=file.path, kind=file.kind) for file in changes.files)
    known = result.model_copy(update={"files_changed": seen, "continue_command": go_on})
    told = Attempted(result=known, value=done.value, changes=changes)
    return functools.reduce(_noted, _notes(tree.record, changes), told)


def _notes(record: TreeRecord, changes: Changes) -> list[str]:
    files = some(tuple(file.path for file in changes.files))
    notes = []
    if record.scope is Scope.READ and files:
        notes.append(f"{CHANGED_WHILE_READING}: {files} (in a copy that is thrown away).")
    elif changes.files and not changes.kept:
        kept = f"; a patch is kept in {changes.patch}" if changes.patch else ""
        notes.append(f"What it changed was thrown away{kept}: {files}")
    elif changes.kept and not changes.files:
        notes.append("It changed nothing, so there is no commit.")
    if changes.kept and changes.ignored:
        notes.append(f"Not committed, because git ignores it: {some(changes.ignored)}")
    if changes.kept and changes.left_out:
        notes.append(f"Not committed: {some(tuple(f'{one.path} ({one.reason})' for one in changes.left_out))}")
    if lacking := [f"{one.path} ({one.reason})" for one in changes.ground.left_out]:
        notes.append(f"Its tree was without: {some(tuple(lacking))}")
    if record.unfiltered:
        notes.append("A filter that git's configuration names did not work; its files were there as git keeps them.")
    return [*notes, changes.trouble] if changes.trouble else notes


def _noted(done: Attempted, note: str) -> Attempted:
    result = done.result.model_copy(update={"notes": (*done.result.notes, note)})
    return done.model_copy(update={"result": result})


async def aside(work: Callable[..., T], *arguments: Any) -> T:
    """Do what blocks in a thread, so that the workers go on."""
    try:
        done = asyncio.get_running_loop().run_in_executor(None, functools.partial(work, *arguments))
    except RuntimeError:  # the interpreter leaves: no thread can be started any more
        return work(*arguments)
    return await done
