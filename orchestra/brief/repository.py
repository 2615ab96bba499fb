"""What can be read from a repository without asking anybody: languages, test commands, README, recent history."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from orchestra.brief.git import GitFailed, git, repository
from orchestra.brief.listing import listed, plain
from orchestra.value import Value

_LANGUAGES = {
    ".py": "Python", ".pyi": "Python", ".js": "JavaScript", ".mjs": "JavaScript", ".jsx": "JavaScript",
    ".ts": "TypeScript", ".tsx": "TypeScript", ".go": "Go", ".rs": "Rust", ".java": "Java", ".kt": "Kotlin",
    ".c": "C", ".h": "C", ".cc": "C++", ".cpp": "C++", ".hpp": "C++", ".cs": "C#", ".rb": "Ruby", ".php": "PHP",
    ".swift": "Swift", ".scala": "Scala", ".ex": "Elixir", ".exs": "Elixir", ".erl": "Erlang", ".hs": "Haskell",
    ".ml": "OCaml", ".clj": "Clojure", ".lua": "Lua", ".pl": "Perl", ".r": "R", ".jl": "Julia", ".dart": "Dart",
    ".sh": "Shell", ".bash": "Shell", ".sql": "SQL", ".html": "HTML", ".css": "CSS", ".tf": "Terraform",
    ".md": "Markdown", ".rst": "reStructuredText", ".tex": "LaTeX", ".ipynb": "notebooks",
}  # fmt: skip
_TESTS = [
    ("Makefile", r"^test\s*:", "make test"),
    ("justfile", r"^test\b[^=\n]*:", "just test"),
    ("tox.ini", "", "tox"),
    ("noxfile.py", "", "nox"),
    ("pyproject.toml", r"pytest", "pytest"),
    ("pytest.ini", "", "pytest"),
    ("setup.cfg", r"pytest", "pytest"),
    ("Cargo.toml", "", "cargo test"),
    ("go.mod", "", "go test ./..."),
    ("pom.xml", "", "mvn test"),
    ("gradlew", "", "./gradlew test"),
    ("mix.exs", "", "mix test"),
    ("Gemfile", r"rspec", "bundle exec rspec"),
    ("composer.json", r"phpunit", "vendor/bin/phpunit"),
    ("CMakeLists.txt", r"enable_testing|add_test", "ctest --test-dir build"),
]
"""A file at the top, what has to stand in it, and the command it means."""
_RUNS_TESTS = re.compile(
    r"\b(?:pytest|unittest|tox|nox|ctest|rspec|phpunit)\b|\b(?:make|just) (?:test|check)\b"
    r"|\b(?:npm|yarn|pnpm|bun)(?: run)? test\b|\b(?:cargo|go|mvn|gradlew|mix|dotnet) test\b"
)
_CODE_BLOCK = re.compile(r"^ *(```|~~~)[^\n]*\n(.*?)^ *\1", re.DOTALL | re.MULTILINE)
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_READMES = ("README.md", "README.rst", "README.txt", "README", "readme.md", "README.adoc", "README.org")
_DECORATION = re.compile(r"^\s*(?:<|!\[|\[!\[|[=\-~^*_#\s]*$)")
README_LINES = 8
HISTORY = 8
_LONGEST = 160  # characters of a line that is repeated


class Facts(Value):
    """What a repository says of itself."""

    languages: tuple[str, ...] = ()
    """`Python (123 files)`, the most used first."""
    test_commands: tuple[str, ...] = ()
    readme: tuple[str, ...] = ()
    """Its first lines that say something."""
    history: tuple[str, ...] = ()
    """The latest commits that touched the target: id, day, title."""
    about: str = ""
    """What the history is of, if not of everything."""

    def lines(self) -> Iterator[str]:
        """The facts for a person to read."""
        yield "What the repository says of itself (for you; workers do not see comments):"
        yield f"  languages: {', '.join(self.languages) or 'none that are known here'}"
        yield f"  tests: {' or '.join(self.test_commands) or 'no command was found'}"
        if self.readme:
            yield "  README:"
            yield from (f"    {line}" for line in self.readme)
        if self.history:
            yield f"  recent history{f' of {self.about}' if self.about else ''}:"
            yield from (f"    {line}" for line in self.history)


def facts(project: Path, targets: Sequence[str] = ()) -> Facts:
    """What the folder says; the history is that of some of its files and folders, if any are named."""
    names = listed([project], project)[0]
    commands = dict.fromkeys((*_test_commands(project), *_shown_in(_readme_text(project))))
    return Facts(
        languages=tuple(_languages(names)),
        test_commands=tuple(commands) or tuple(_by_the_files(names, project)),
        readme=tuple(_readme(project)),
        history=tuple(_history(project, targets)),
        about=" and ".join(map(plain, targets)),
    )


def _languages(names: Iterable[str]) -> Iterator[str]:
    counts = Counter(_LANGUAGES.get(Path(name).suffix.lower(), "") for name in names)
    del counts[""]
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    yield from (f"{name} ({count:,} file{'s' * (count > 1)})" for name, count in ranked[:6])


def _test_commands(project: Path) -> Iterator[str]:
    for name, wanted, command in _TESTS:
        text = _text(project / name)
        if text is not None and re.search(wanted, text, re.MULTILINE):
            yield command
    package = _text(project / "package.json")
    if package and _has_test_script(package):
        managers = {"pnpm-lock.yaml": "pnpm test", "yarn.lock": "yarn test", "bun.lock": "bun run test"}
        yield next((command for lock, command in managers.items() if (project / lock).exists()), "npm test")
    if next(project.glob("*.sln"), None) or next(project.glob("*.csproj"), None):
        yield "dotnet test"


def _shown_in(readme: str) -> Iterator[str]:
    """The commands in a README that run tests, where they are shown and not only spoken of."""
    lines = [line for _, block in _CODE_BLOCK.findall(readme) for line in block.splitlines()]
    spans = [span for span in re.findall(r"`([^`\n]+)`", readme) if " " in span]
    for shown in (*lines, *spans):
        command = shown.strip().removeprefix("$ ")
        if (
            len(command) <= _LONGEST
            and _RUNS_TESTS.search(command)
            and not re.search(r"^#|\binstall\b|\badd\b", command)
        ):
            yield plain(command)


def _by_the_files(names: Iterable[str], project: Path) -> Iterator[str]:
    """What Python's test files are written for, where nothing else says it."""
    texts = [_text(project / name) or "" for name, _ in zip(filter(_TEST_FILE.search, names), range(20), strict=False)]
    if texts:
        yield "python -m unittest" if all("unittest" in text for text in texts) else "pytest"


def _has_test_script(package: str) -> bool:
    try:
        script = json.loads(package)["scripts"]["test"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(script, str) and "no test specified" not in script


def _readme_text(project: Path) -> str:
    return next((text for name in _READMES if (text := _text(project / name)) is not None), "")


def _readme(project: Path) -> Iterator[str]:
    said = (line for line in _readme_text(project).splitlines() if not _DECORATION.match(line))
    for line, _ in zip(said, range(README_LINES), strict=False):
        yield _short(line)


def _history(project: Path, targets: Sequence[str]) -> Iterator[str]:
    if repository(project) is None:
        return
    try:
        log = git(project, "log", f"-{HISTORY}", "--no-color", "--date=short", "--format=%h %ad %s", paths=targets)
    except GitFailed:  # no commit yet
        return
    yield from (_short(line) for line in log.decode("utf-8", "replace").splitlines())


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8", errors="replace")[:100_000] if file.is_file() else None
    except OSError:
        return None


def _short(line: str) -> str:
    shown = plain(line.strip())
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
