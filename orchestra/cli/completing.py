"""What the shell offers when somebody presses TAB. It reads folder names only, so that the answer comes at once."""

import contextlib
import re
from pathlib import Path

import typer

from orchestra.project import PROJECT_FILE, STATE_FOLDER, project_root, user_folder
from orchestra.reports.renderers.catalogue import FORMATS

NEWEST = 30
"""Runs that are offered; whoever means an older one knows a part of its id."""
REPORTS_READ = 3
"""Reports whose findings are offered: each is a file to read while the shell waits."""
_FINDING_ID = re.compile(r'"id": ?"(f-[0-9a-f]+)"')
_RUN_ID = re.compile(r"\d{8}-\d{6}-.+")


def read_words_only() -> None:
    """Let typer take the words as they stand: reading them by their types loads pydantic, and the shell waits."""
    import typer.core

    parameter = getattr(typer.core, "_TyperParameter", None)  # younger typers have it; the older need no help
    if parameter is not None:
        parameter.process_value = lambda self, ctx, value: value


def runs(incomplete: str) -> list[str]:
    """`last`, and the ids of the newest runs."""
    return [name for name in ["last", *_ids()[:NEWEST]] if name.startswith(incomplete)]


def workers(ctx: typer.Context, incomplete: str) -> list[str]:
    """The labels of the workers of the run that stands before."""
    said = str(ctx.params.get("run") or "last")
    ids = _ids()
    meant = ids[:1] if said == "last" else [name for name in ids if name.startswith(said) or name.endswith(said)]
    labels = _names(_runs_folder() / meant[0] / "workers") if len(meant) == 1 else []
    return [label for label in sorted(labels, key=_by_number) if label.startswith(incomplete)]


def lenses(incomplete: str) -> list[str]:
    """The last lens of a list that is being typed: `correctness,ri` -> `correctness,risk`."""
    begun = re.split(r"[,+]", incomplete)[-1]
    before = incomplete[: len(incomplete) - len(begun)]
    return sorted({f"{before}{name}" for name in _lens_names() if name.startswith(begun)})


def formats(incomplete: str) -> list[str]:
    """What a report can be rendered as."""
    return [name for name in FORMATS if name.startswith(incomplete)]


def efforts(incomplete: str) -> list[str]:
    """How hard a model can think."""
    return [name for name in ("low", "medium", "high") if name.startswith(incomplete)]


def scopes(incomplete: str) -> list[str]:
    """What a worker may touch."""
    return [name for name in ("read", "scratch", "write") if name.startswith(incomplete)]


def gates(incomplete: str) -> list[str]:
    """What a run can be let through by."""
    severities = ("critical", "high", "medium", "low")
    known = (*severities, *(f"new:{name}" for name in severities), *(f"any:{name}" for name in severities), "never")
    return [name for name in known if name.startswith(incomplete)]


def gates_alone(incomplete: str) -> list[str]:
    """The same, where nothing tells what was there before."""
    return [name for name in gates(incomplete) if not name.startswith("new:")]


def severities(incomplete: str) -> list[str]:
    """What findings can be tried out by."""
    return [name for name in ("all", "critical", "high", "medium", "low") if name.startswith(incomplete)]


def patterns(incomplete: str) -> list[str]:
    """The patterns there are, those of other packages included."""
    from importlib.metadata import entry_points

    own = ("review", "fix", "act", "split", "research", "options", "ask")
    others = sorted({entry.name for entry in entry_points(group="orchestra.patterns")} - {*own})
    return [name for name in (*own, *others) if name.startswith(incomplete)]


def findings(incomplete: str) -> list[str]:
    """The ids in the newest reports, as they are written there."""
    found: dict[str, None] = {}
    for run in _ids()[:REPORTS_READ]:
        with contextlib.suppress(OSError):
            text = (_runs_folder() / run / "report.json").read_text(encoding="utf-8", errors="replace")
            found |= dict.fromkeys(_FINDING_ID.findall(text))
    return [name for name in found if name.startswith(incomplete)]


def templates(incomplete: str) -> list[str]:
    """Every template with its kind: `lenses/security`."""
    files = [(kind, name) for place in _prompt_places() for kind in _names(place) for name in _names(place / kind)]
    known = {f"{kind}/{name[:-3]}" for kind, name in files if name.endswith(".md")}
    return sorted(name for name in known if name.startswith(incomplete))


def jobs(incomplete: str) -> list[str]:
    """The names of the project's jobs, as their tables begin."""
    root = project_root(Path.cwd())
    heads = re.compile(r"""^\s*\[(?:tool\.orchestra\.)?jobs\.["']?([\w.-]+?)["']?\]""", re.MULTILINE)
    found = []
    for file in (root / PROJECT_FILE, root / "pyproject.toml"):
        with contextlib.suppress(OSError):
            found += heads.findall(file.read_text(encoding="utf-8", errors="replace"))
    return [name for name in dict.fromkeys(found) if name.startswith(incomplete)]


def _lens_names() -> set[str]:
    return {name[:-3] for place in _prompt_places() for name in _names(place / "lenses") if name.endswith(".md")}


def _prompt_places() -> list[Path]:
    package = Path(__file__).resolve().parent.parent
    user = user_folder()
    places = [package / "prompts", package.parent / "prompts", project_root(Path.cwd()) / STATE_FOLDER / "prompts"]
    return [*places, user / "prompts"] if user else places


def _ids() -> list[str]:
    return sorted((name for name in _names(_runs_folder()) if _RUN_ID.fullmatch(name)), reverse=True)


def _runs_folder() -> Path:
    return project_root(Path.cwd()) / STATE_FOLDER / "runs"


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _by_number(label: str) -> tuple[int, str]:
    found = re.match(r"w(\d+)", label)
    return (int(found[1]) if found else 0, label)
