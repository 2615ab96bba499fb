"""Which files a shell command line plainly read: said only where it is certain, silent about the rest."""

import shlex
from collections.abc import Iterator, Sequence
from os.path import normpath
from pathlib import PurePath


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ash"))
_UNCERTAIN = frozenset("$`*?[{~")
"""A word with one of these names something else than it says."""
_CONTROL = _words("if then else elif fi for while until do done case esac function select { } ( ) [[ time ! eval exec")

# A reader's options that take the next word; a joined form (`-n20`, `--lines=20`) is one word anyway.
_READERS: dict[str, frozenset[str]] = {
    "cat": frozenset(),
    "tac": frozenset(),
    "less": frozenset(),
    "more": frozenset(),
    "nl": _words("-b -d -f -h -i -l -n -s -v -w"),
    "head": _words("-n -c --lines --bytes"),
    "tail": _words("-n -c --lines --bytes"),
    "sed": _words("-e -f -l --expression --file --line-length"),
    "grep": _words("-e -f -m -A -B -C -d -D --regexp --file --max-count --context"),
    "rg": _words(
        "-e -f -g -m -t -T -A -B -C -E -M -j -r -d --regexp --file --glob --iglob --max-count --type --type-not "
        "--after-context --before-context --context --encoding --max-columns --threads --replace --max-depth "
        "--sort --sortr --color --colors"
    ),
}
_ALIASES = {"egrep": "grep", "fgrep": "grep", "bat": "cat", "batcat": "cat"}
# The first operand of these is a script or a pattern, unless one of these options gave it.
_PATTERN = _words("-e -f --expression --regexp --file")
_PATTERN_FIRST = _words("sed grep rg")
# With these the reader shows something else than what stands in the file, or changes it.
_SHOWS_NOTHING: dict[str, frozenset[str]] = {
    "sed": _words("-i --in-place"),
    "grep": _words("-l -L -c -q --count --quiet --silent --files-with-matches --files-without-match"),
    "rg": _words("-l -c -q --count --count-matches --quiet --files --files-with-matches --type-list"),
}
_SHOWS_ITS_INPUT = _words("cat tac head tail sed nl less more grep rg cut tr sort uniq fold expand")


def shell_words(command: str) -> str:
    """What a tool call runs, without the shell it is wrapped in: `/bin/bash -lc 'ls -l'` -> `ls -l`."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    if len(words) == 3 and PurePath(words[0]).name in _SHELLS and words[1] in ("-lc", "-c", "-ic", "-lic"):
        return words[2]
    return command


def files_read(command: str) -> list[str]:
    """The files whose content this command line put before the worker, as it named them (after any `cd`)."""
    script = shell_words(command)
    if "<<" in script or "\\\n" in script:
        return []
    try:
        lexer = shlex.shlex(script.replace("\n", " ; "), posix=True, punctuation_chars=True)
        lexer.commenters = ""
        lexer.whitespace_split = True  # else a comma or a plus would cut a word in two
        words = list(lexer)
    except ValueError:
        return []
    if any(word in _CONTROL for word in words) or "||" in words or "&" in words:
        return []
    found: list[str] = []
    folder = ""
    for pipeline in _split(words, (";", "&&", ";;")):
        stages = list(_split(pipeline, ("|",)))
        if len(stages) == 1 and stages[0][:1] == ["cd"]:
            if len(stages[0]) != 2 or _uncertain(stages[0][1]):
                return found
            folder = str(PurePath(folder, stages[0][1]))
        elif stages and stages[0] and all(_shows_its_input(stage) for stage in stages[1:]):
            found += (normpath(PurePath(folder, name)) for name in _operands(stages[0]))
    return list(dict.fromkeys(found))


def _operands(stage: Sequence[str]) -> list[str]:
    """The files a single reader was given, or nothing when it is no reader or its output went elsewhere."""
    reader, words = _reader(stage)
    if reader not in _READERS or words is None:
        return []
    operands: list[str] = []
    patterns = 1 if reader in _PATTERN_FIRST else 0
    rest = iter(words)
    for word in rest:
        if word == "--":
            operands += rest
        elif word.startswith("-") and word != "-":
            options, takes_next = _options(word, _READERS[reader])
            if _SHOWS_NOTHING.get(reader, frozenset()) & set(options):
                return []
            if _PATTERN & set(options):
                patterns = 0
            if takes_next:
                next(rest, None)
        else:
            operands.append(word)
    return [word for word in operands[patterns:] if word != "-" and not _uncertain(word)]


def _shows_its_input(stage: Sequence[str]) -> bool:
    """Whether what comes in through the pipe is seen at its end, as far as it goes."""
    reader, words = _reader(stage)
    if reader not in _SHOWS_ITS_INPUT or words is None:
        return False
    given = {option for word in words if word.startswith("-") for option in _options(word, frozenset())[0]}
    return not given & _SHOWS_NOTHING.get(reader, frozenset())


def _reader(stage: Sequence[str]) -> tuple[str, list[str] | None]:
    """The program and its words; None: what it reads or writes is a file's business."""
    words = _without_quiet_redirections(list(stage))
    if not words or any(set(word) & {"<", ">"} for word in words[1:]):
        return "", None
    name = PurePath(words[0]).name
    return _ALIASES.get(name, name), words[1:]


def _options(word: str, with_value: frozenset[str]) -> tuple[list[str], bool]:
    """The options one word gives (`-rne` is three), and whether the last of them takes the next word."""
    if word.startswith("--"):
        return [word.partition("=")[0]], word in with_value
    options: list[str] = []
    for number, letter in enumerate(word[1:], 1):
        options.append(f"-{letter}")
        if options[-1] in with_value:
            return options, number == len(word) - 1
    return options, False


def _without_quiet_redirections(words: list[str]) -> list[str]:
    """`2>/dev/null` and `2>&1` hide nothing of what was read; shlex gives them as `2`, `>`, `/dev/null`."""
    kept: list[str] = []
    index = 0
    while index < len(words):
        redirection = words[index : index + 3]
        if redirection[:1] == ["2"] and redirection[1:] in ([">", "/dev/null"], [">>", "/dev/null"], [">&", "1"]):
            index += 3
        else:
            kept.append(words[index])
            index += 1
    return kept


def _uncertain(word: str) -> bool:
    return not word or bool(_UNCERTAIN & set(word))


def _split(words: Sequence[str], at: tuple[str, ...]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word in at:
            if part:
                yield part
            part = []
        else:
            part.append(word)
    if part:
        yield part
