"""`--dry-run`: the plan, each prompt that is known, each command, and what depends on answers."""

import shlex

from orchestra.cli.saying import print_json, tell
from orchestra.crew.planning import Plan, PlannedWorker
from orchestra.reports.plain import plain

CHARACTERS_A_TOKEN = 4
"""English prose and code, roughly."""


def print_plan(plan: Plan, as_json: bool) -> None:
    """Everything that can be known before anybody answered."""
    if as_json:
        print_json(plan.model_dump(mode="json"))
        return
    size = sum(len(worker.prompt) for worker in plan.workers)
    total = f"{_workers(len(plan.workers))}, {_size(size)} of prompts. Nothing was started."
    for told in filter(None, (plan.asked, total, plan.rules, plan.no_commands)):
        tell(plain(told), hanging=0)
        print()
    lines = ["Plan:"]
    for number, step in enumerate(plan.steps, 1):
        known = plan.of(step)
        told = f"{_workers(len(known))}" if known else ""
        if step in plan.depends:
            told = "depends on answers"
        lines.append(f"  {number}. {step}{f': {told}' if told else ''}")
    for worker in plan.workers:
        lines += ["", *_worker(worker)]
    if plan.workers:
        lines += ["", total]  # the prompts have pushed the first lines out of sight
    print("\n".join(plain(line, lines=True) for line in lines))


def _worker(worker: PlannedWorker) -> list[str]:
    about = [worker.role, f"scope {worker.scope}"]
    about += [f"section {worker.section} ({_files(worker.files)})"] if worker.section else []
    about += ["with web search"] if worker.web_search else []
    return [
        f"── {worker.label}: {', '.join(about)}",
        f"step: {worker.step}",
        f"stands in: {worker.cwd}",
        *([f"command: {shlex.join(worker.command)}"] if worker.command else []),
        f"prompt, {_size(len(worker.prompt))}:",
        "",
        *(f"    {line}".rstrip() for line in worker.prompt.rstrip().split("\n")),
    ]


def _size(characters: int) -> str:
    return f"{characters:,} characters (about {characters // CHARACTERS_A_TOKEN:,} tokens)"


def _workers(number: int) -> str:
    return "1 worker" if number == 1 else f"{number:,} workers"


def _files(number: int | None) -> str:
    return "1 file" if number == 1 else f"{number or 0:,} files"
