"""Checks for Dockerfiles, pipelines and other YAML."""

import re
from collections.abc import Iterator

from orchestra.rehearsal.checks.pattern import Pattern, problems_by
from orchestra.rehearsal.checks.problem import Checks, Lines, Problem, Seen
from orchestra.rehearsal.checks.shell import COMMANDS

_docker: Checks[Lines] = Checks()
_yaml: Checks[Lines] = Checks()
_KEY = re.compile(r"^(?P<indent> *(?:- +)?)(?P<key>[\w.\-/\"']+):(?:\s|$)")

_DOCKER = (
    *COMMANDS,
    Pattern(
        lenses="security",
        severity="medium",
        confidence=0.7,
        category="supply chain",
        find=r"^\s*(ADD\s+(?:--\S+\s+)*https?://\S+)",
        unless=r"--checksum",
        title="A download without a checksum",
        problem="What the address serves at build time ends up in the image, whatever it is.",
        do="Give ADD a --checksum, or download, compare and unpack in one RUN.",
    ),
    Pattern(
        lenses="security",
        severity="high",
        confidence=0.8,
        category="secrets",
        find=r"^\s*(?:ARG|ENV)\s+(\w*(?:TOKEN|PASSWORD|SECRET|API_?KEY)\w*)",
        title="{0} stays readable in the image",
        problem="ARG and ENV are kept in the image's history and environment; whoever pulls it can read them.",
        do="Use RUN --mount=type=secret at build time, and the platform's secrets at run time.",
    ),
    Pattern(
        lenses="performance operations",
        severity="low",
        confidence=0.6,
        category="image size",
        find=r"\b(apt-get install|pip install|apk add|npm install)\b",
        unless=r"--no-install-recommends|--no-cache|rm -rf|npm ci|--mount=type=cache",
        title="{0} leaves its cache in the image",
        problem="What is downloaded to be installed stays in the layer and is shipped with it.",
        do="Clean up in the same RUN, or use the flag that keeps no cache.",
    ),
    Pattern(
        lenses="operations correctness",
        severity="medium",
        confidence=0.7,
        category="shutdown",
        find=r"^((?:CMD|ENTRYPOINT)\s+[^\[\s].*)",  # indented, it goes on a HEALTHCHECK
        title="The program is started through a shell",
        problem="The shell is process 1 and passes no signals on: a stop waits for its timeout and then kills.",
        do='Write it as a list: CMD ["program", "argument"].',
    ),
    Pattern(
        lenses="performance security",
        severity="low",
        confidence=0.5,
        category="image size",
        find=r"^\s*(COPY\s+\.\s+\S+)",
        title="The whole folder is copied into the image",
        problem="Every change of any file throws the layer away, and what is not ignored (.git, .env) goes along.",
        do="Copy the files that list dependencies first, then the sources; keep a .dockerignore.",
    ),
)

_YAML = (
    *COMMANDS,
    Pattern(
        lenses="security risk",
        severity="high",
        confidence=0.7,
        category="supply chain",
        find=r"\buses:\s*[\"']?([\w.\-]+/[\w.\-/]+@(?:main|master|HEAD|latest))\b",
        title="{0} changes without notice",
        problem="A branch is what its owner pushes; the next run executes it with this pipeline's rights.",
        do="Pin the commit, and let a bot propose updates.",
    ),
    Pattern(
        lenses="risk operations compatibility",
        severity="medium",
        confidence=0.7,
        category="reproducibility",
        find=r"\bimage:\s*[\"']?([\w.\-/]+(?::latest)?)[\"']?\s*$",
        case=True,
        title="Image {0} has no version",
        problem="Another image runs tomorrow under the same name, and going back to today's is not possible.",
        do="Name a version, or better a digest.",
    ),
    Pattern(
        lenses="security",
        severity="critical",
        confidence=0.7,
        category="injection",
        find=r"(\$\{\{\s*github\.(?:event\.(?:issue|pull_request|comment|head_commit|review)\.[\w.]+|head_ref)\s*\}\})",
        unless=r"^\s*(?:if|with|\w*(?:env|ref|sha|title)\w*|[A-Z_]+):\s",
        title="{0} is pasted into a command",
        problem="Whoever opens the pull request or the issue writes that text, and so part of the command.",
        do="Pass it through env: and use it as a quoted shell variable.",
    ),
    Pattern(
        lenses="security",
        severity="high",
        confidence=0.6,
        category="permissions",
        find=r"^\s*-?\s*(pull_request_target\b|privileged:\s*true|permissions:\s*write-all|hostNetwork:\s*true|runAsUser:\s*0\b)",
        title="More rights than usual: {0}",
        problem="What runs under this has rights that reach beyond its own job or container.",
        do="Drop it, or name the one right that is needed and say why.",
    ),
    Pattern(
        lenses="risk correctness operations",
        severity="medium",
        confidence=0.7,
        category="error handling",
        find=r"\b(continue-on-error:\s*true|allow_failure:\s*true|ignore_errors:\s*(?:true|yes))",
        title="A failure is ignored: {0}",
        problem="The step may fail for any reason, and the run still counts as good.",
        do="Let it fail, or test for the one failure that is expected.",
    ),
)


def dockerfile(lines: Lines) -> Iterator[Problem]:
    """What these checks see in a Dockerfile."""
    yield from problems_by(_DOCKER, lines, comment="#")
    yield from _docker.problems(lines)


def yaml(lines: Lines) -> Iterator[Problem]:
    """What these checks see in a YAML file."""
    yield from problems_by(_YAML, lines, comment="#")
    yield from _yaml.problems(lines)


def _statements(lines: Lines, word: str) -> list[int]:
    return [number for number, line in lines.items() if re.match(rf"\s*{word}\b", line, re.IGNORECASE)]


@_docker(
    "risk",
    "operations",
    "compatibility",
    severity="medium",
    confidence=0.8,
    category="reproducibility",
    do="Name a version, or better a digest.",
)
def floating_base(lines: Lines) -> Iterator[Seen]:
    stages: set[str] = set()
    for number in _statements(lines, "FROM"):
        base, _, stage = re.sub(r"--\S+\s+", "", lines[number].split(None, 1)[-1]).partition(" ")
        name, _, version = base.strip().rpartition("/")[2].partition(":")
        if version in {"", "latest"} and not ({base, name} & (stages | {"scratch"}) or "@" in base or "$" in base):
            what = "The same file gives another image tomorrow, and nobody can say what an old one was made of."
            yield Seen(number, number, f"{base.strip()} is built on whatever is newest that day", what)
        stages |= set(stage.split()[1:])


@_docker(
    "security",
    "risk",
    severity="medium",
    confidence=0.8,
    category="permissions",
    do="Add a user of its own and switch to it with USER.",
)
def runs_as_root(lines: Lines) -> Iterator[Seen]:
    stages = _statements(lines, "FROM")
    if stages and not _statements(lines, "USER"):
        what = "No USER is named, so everything in the container runs as root."
        yield Seen(stages[-1], stages[-1], "The container runs as root", what)


@_docker(
    "operations",
    severity="low",
    confidence=0.5,
    category="observability",
    do="Add a HEALTHCHECK, unless the platform has a probe of its own.",
)
def no_health_check(lines: Lines) -> Iterator[Seen]:
    starts = _statements(lines, "(?:CMD|ENTRYPOINT)")
    if starts and not _statements(lines, "HEALTHCHECK"):
        what = "A process that hangs looks like one that works."
        yield Seen(starts[-1], starts[-1], "Nothing asks whether the program still answers", what)


@_yaml(
    "correctness",
    "risk",
    severity="high",
    confidence=0.8,
    category="duplicate keys",
    do="Keep the one that is meant.",
)
def key_twice(lines: Lines) -> Iterator[Seen]:
    """Keys of one mapping, told by their indentation; a block of text ends the comparison."""
    seen: dict[tuple[int, str], int] = {}
    text_above: int | None = None
    for number, line in sorted(lines.items()):
        indent = len(line) - len(line.lstrip())
        if not line.strip() or line.lstrip().startswith("#") or (text_above is not None and indent > text_above):
            continue
        text_above = indent if re.search(r":\s*[|>][+-]?\d*\s*$", line) else None
        found = _KEY.match(line)
        depth = len(found["indent"]) if found else indent
        fresh = found is None or found["indent"].lstrip().startswith("-")
        seen = {key: at for key, at in seen.items() if key[0] < depth or (key[0] == depth and not fresh)}
        if found:
            key = (depth, found["key"])
            if key in seen:
                what = f"It stands in line {seen[key]} of the same mapping already; most readers keep only the last."
                yield Seen(number, number, f"Key {found['key']} is given twice", what)
            seen[key] = number


@_yaml(
    "correctness",
    severity="high",
    confidence=0.9,
    category="syntax",
    do="Indent with spaces.",
)
def tabs(lines: Lines) -> Iterator[Seen]:
    for number, line in lines.items():
        if re.match(r" *\t", line) and line.strip():
            yield Seen(number, number, "Indented with a tab", "YAML allows no tabs there; the file cannot be read.")
            return


@_yaml(
    "operations",
    "risk",
    severity="low",
    confidence=0.6,
    category="timeouts",
    do="Give each job timeout-minutes.",
)
def no_job_timeout(lines: Lines) -> Iterator[Seen]:
    runners = [number for number, line in lines.items() if re.match(r"\s+runs-on:", line)]
    if runners and not any("timeout-minutes:" in line for line in lines.values()):
        what = "No job has a timeout: one that hangs holds its runner for hours."
        yield Seen(runners[0], runners[0], "Jobs may run for hours", what)
