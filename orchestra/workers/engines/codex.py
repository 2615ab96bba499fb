"""The product: `codex exec` as a worker."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from orchestra.brief.ask import Scope
from orchestra.errors import PromptTooLong, UsageError
from orchestra.settings import GIVEN, Sourced
from orchestra.workers.capacity import MEMORY_OF_CODEX
from orchestra.workers.engines.attempt_files import write_private
from orchestra.workers.engines.codex_binary import CodexBinary, find
from orchestra.workers.engines.codex_config import CodexConfig, home_of, read_config
from orchestra.workers.engines.codex_login import check_usable
from orchestra.workers.engines.codex_mount_point import made_by
from orchestra.workers.engines.codex_overrides import overrides
from orchestra.workers.engines.codex_reader import CodexReader
from orchestra.workers.engines.codex_temporary import own_temporary
from orchestra.workers.engines.environment import MARKER, worker_environment
from orchestra.workers.engines.secrets import secrets_in
from orchestra.workers.task import WorkerTask
from orchestra.workers.terminal import Command

PROMPT_LIMIT = 1_048_576
"""Characters; codex refuses a longer prompt after it has started a thread."""

_THREAD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class CodexEngine:
    """Runs workers with `codex exec`.

    `codex` names the binary and `codex_origin` who named it; `sandbox` replaces the sandbox of every scope on machines
    where codex's own cannot run; `environment` names further variables a worker may see; `mcp_servers` are the user's
    servers that stay switched on; `overrides` are further `-c KEY=VALUE` for codex, and the last word on each key.
    """

    name = "codex"
    memory = MEMORY_OF_CODEX
    prompt_limit = PROMPT_LIMIT
    stagger = 0.05
    """A start takes 0.3 s of CPU; many in one moment only delay each other's first event."""

    def __init__(
        self,
        *,
        codex: Path | None = None,
        codex_origin: str = "--codex",
        sandbox: Literal["danger-full-access"] | None = None,
        environment: Iterable[str] = (),
        mcp_servers: Iterable[str] = (),
        overrides: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._codex, self._codex_origin = codex, codex_origin
        self.sandbox = sandbox
        self.environment = tuple(environment)
        self.mcp_servers = frozenset(mcp_servers)
        self.overrides = dict(overrides or {})
        self.environ = dict(os.environ if environ is None else environ)

    def __repr__(self) -> str:
        found = self.__dict__.get("binary")
        return f"<codex {found.version} at {found.path}>" if found else "<codex, not looked for yet>"

    @cached_property
    def binary(self) -> CodexBinary:
        """The codex that is used; raises `EnvironmentLacking` when there is none that can be."""
        return find(self._codex, self._codex_origin, self.environ)

    def check(self) -> None:
        """Raise when no worker could answer: codex missing, too old, misconfigured or not logged in."""
        check_usable(
            self.binary, read_config(home_of(self.environ)), self.overrides, self.environ, self.sandbox is None
        )

    def reader(self, task: WorkerTask) -> CodexReader:
        """A fresh listener for one attempt."""
        passed = worker_environment(self._environ(task), task.environment, self._passed(task), "")
        hidden = secrets_in(passed, self._config(task).keys)
        return CodexReader(task, self.binary, self._secrets(task), hidden, self._codex_home(task))

    def command(self, task: WorkerTask) -> Command:
        """Write the attempt's prompt, schema and command.json, and say what to run."""
        if len(task.prompt) > PROMPT_LIMIT:
            raise PromptTooLong(task.label, len(task.prompt), PROMPT_LIMIT)
        if task.thread_id is not None and not _THREAD.fullmatch(task.thread_id):
            # codex takes anything else for a name, and silently begins a new thread for one it does not know.
            raise UsageError(f"{task.thread_id!r} is not the id of a codex thread.")
        codex, files = self.binary, task.files
        files.make()
        files.last_message.unlink(missing_ok=True)  # a failed codex leaves old content, which is no answer
        environment = worker_environment(self._environ(task), task.environment, self._passed(task), task.mark)
        if codex.wrapper and codex.tools:
            environment["PATH"] = f"{codex.tools}{os.pathsep}{environment.get('PATH', os.defpath)}"
        if temporary := own_temporary(task, self._environ(task)):
            temporary.mkdir(mode=0o700, exist_ok=True)
            environment["TMPDIR"] = str(temporary)
        argv = self.command_line(task, environment[MARKER])
        write_private(files.prompt, task.prompt)
        if task.answer_schema is not None:
            write_private(files.schema, json.dumps(task.answer_schema, indent=1, ensure_ascii=False))
        told = {
            "argv": argv,
            "cwd": str(task.cwd),
            "environment": sorted(environment),
            "codex": {"path": str(codex.path), "version": codex.version, "found": codex.origin},
            **made_by(codex, task, self.sandbox is None),
        }
        write_private(files.command, json.dumps(told, indent=1, ensure_ascii=False))
        return Command(argv=argv, environment=environment, stdin=files.prompt, output=files.events, stderr=files.stderr)

    # ── the one command line ─────────────────────────────────────────────────────────────────────────────────────

    def command_line(self, task: WorkerTask, marker: str = "") -> tuple[str, ...]:
        """The one command line, for a look at it too: nothing is written, nothing is started."""
        sandbox = self.sandbox or ("read-only" if task.scope is Scope.READ else "workspace-write")
        told = overrides(task, self.binary, self._config(task), self.mcp_servers, marker)
        if own_temporary(task, self._environ(task)):
            told["sandbox_workspace_write.exclude_slash_tmp"] = "true"
        told |= self.overrides
        argv = [str(self.binary.path), "exec", "--skip-git-repo-check", "-s", sandbox, "--color", "never"]
        argv += ["-C", str(task.cwd.absolute())]
        if task.answer_schema is not None:
            argv += ["--output-schema", str(task.files.schema.absolute())]
        if task.thread_id is not None:
            argv.append("resume")  # the flags above are refused after it, the schema's by 0.123
        argv.append("--json")
        if self.sandbox is None:
            # A rule that allows a command lets it out of the sandbox; where there is none, rules can only forbid.
            argv.append("--ignore-rules")
        for key, value in told.items():
            argv += ["-c", f"{key}={value}"]
        if task.model is not None:
            argv += ["-m", task.model]
        argv += ["-o", str(task.files.last_message.absolute())]
        return (*argv, task.thread_id, "-") if task.thread_id is not None else (*argv, "-")

    # ── the environment ──────────────────────────────────────────────────────────────────────────────────────────

    def _environ(self, task: WorkerTask) -> dict[str, str]:
        return {**self.environ, **task.environment}

    def _codex_home(self, task: WorkerTask) -> str | None:
        return self._environ(task).get("CODEX_HOME")

    def _config(self, task: WorkerTask) -> CodexConfig:
        return read_config(home_of(self._environ(task)))

    def _passed(self, task: WorkerTask) -> tuple[str, ...]:
        config = self._config(task)
        return (*self.environment, *config.keys, *(config.server_variables if self.mcp_servers else ()))

    def _secrets(self, task: WorkerTask) -> tuple[str, ...]:
        return secrets_in(self._environ(task), self._config(task).keys)


def engine(said: str, settings: Sourced, environ: Mapping[str, str]) -> CodexEngine:
    """As the settings want it."""
    if said:
        raise UsageError("The engine `codex` takes nothing after its name.", next_step="Name its binary with --codex.")
    chosen = settings.values
    return CodexEngine(
        codex=chosen.codex,
        codex_origin=settings.origin("codex").replace(GIVEN, "--codex"),
        sandbox=chosen.sandbox,
        environment=chosen.environment,
        mcp_servers=chosen.mcp_servers,
        overrides=chosen.codex_config,
        environ=environ,
    )
