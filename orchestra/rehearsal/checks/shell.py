"""Checks for shell scripts."""

import re
from collections.abc import Iterator

from orchestra.rehearsal.checks.pattern import Pattern, problems_by
from orchestra.rehearsal.checks.problem import Checks, Lines, Problem, Seen

_check: Checks[Lines] = Checks()
_STRICT = re.compile(r"^\s*set\s+-\w*e|^\s*set\s+-o\s+errexit|^#!.*\s-\w*e")

COMMANDS = (
    Pattern(
        lenses="security",
        severity="high",
        confidence=0.8,
        category="supply chain",
        find=r"\b(?:curl|wget)\b[^|#]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b",
        title="What is downloaded is run unseen",
        problem="Whoever controls the server, or the way to it, runs commands here; half a download runs too.",
        do="Download to a file, compare its checksum with one written down here, then run it.",
    ),
    Pattern(
        lenses="security risk",
        severity="high",
        confidence=0.8,
        category="transport",
        find=r"(--no-check-certificate|\bcurl\b.*\s(?:-k|--insecure)\b|StrictHostKeyChecking[= ]no|--trusted-host)",
        title="Verification is switched off: {0}",
        problem="Anybody on the way can answer in place of the server that is meant.",
        do="Leave verification on and give the certificate or the host key.",
    ),
    Pattern(
        lenses="security risk",
        severity="medium",
        confidence=0.8,
        category="permissions",
        find=r"\b(chmod\s+(?:-R\s+)?(?:0?777|a\+rwx|o\+w))",
        title="{0} lets everybody write",
        problem="Any user and any process of the machine can change what is run or read here.",
        do="Give the rights to the one user or group that needs them.",
    ),
    Pattern(
        lenses="risk operations correctness",
        severity="medium",
        confidence=0.6,
        category="error handling",
        find=r"(\|\|\s*(?:true|:)\s*(?:$|;|\)|#))",
        title="A failure is waved through with || true",
        problem="Whatever goes wrong in this command, expected or not, the script goes on as if it had worked.",
        do="Test for the one failure that is expected, and let the others stop the script.",
    ),
)
"""Commands that mean the same wherever they stand: in scripts, Dockerfiles and pipelines."""

_PATTERNS = (
    *COMMANDS,
    Pattern(
        lenses="risk correctness security",
        severity="high",
        confidence=0.7,
        category="data loss",
        find=r"\brm\s+(?:-\w+\s+|--\S+\s+)*-\w*[rR]\w*\s+(?:-\S+\s+)*[\"']?(\$\{?\w+\}?)",
        unless=r":\?",
        title="rm -r of {0}, which may be empty or wrong",
        problem="If the variable is unset, empty or holds a space, another folder than the one meant is deleted.",
        do='Write "${name:?}" so that an empty value stops the script, and quote it.',
    ),
    Pattern(
        lenses="security",
        severity="high",
        confidence=0.7,
        category="injection",
        find=r"^\s*(eval\s+.*\$.*)",
        title="eval runs what a variable holds",
        problem="Whoever can set the variable, by an argument or the environment, adds commands of their own.",
        do="Use an array for the arguments, or a case statement for the choices.",
    ),
    Pattern(
        lenses="correctness risk",
        severity="medium",
        confidence=0.7,
        category="quoting",
        find=r"\[\s+(?:-\w\s+|!\s+)*(\$\{?\w+\}?)\s",
        unless=r"\[\[",
        title="{0} is tested without quotes",
        problem="Empty, the test has too few words and fails with an error; with a space in it, too many.",
        do="Put it in double quotes, or use [[ ]].",
    ),
    Pattern(
        lenses="correctness",
        severity="medium",
        confidence=0.7,
        category="quoting",
        find=r"\b(for\s+\w+\s+in\s+(?:\$\(\s*ls\b|`\s*ls\b))",
        title="The output of ls is taken apart at spaces",
        problem="A file name with a space, a star or a newline in it becomes several names or none.",
        do="Loop over a glob: for file in ./*.",
    ),
    Pattern(
        lenses="risk operations",
        severity="medium",
        confidence=0.6,
        category="error handling",
        find=r"(?:^|[;&|(]\s*|\$\()\s*(curl)\s",
        unless=r"\s-\w*f|--fail|\|\|",
        title="curl takes an error page for success",
        problem="Without --fail the exit status is 0 for a 404 or 500, and the page is used as the answer.",
        do="Add --fail, and --retry where a repeat does no harm.",
    ),
    Pattern(
        lenses="security",
        severity="medium",
        confidence=0.6,
        category="temporary files",
        find=r">\s*(/tmp/[\w.\-]+)",
        title="{0} is a name everybody can guess",
        problem="Another user can put a link there first, and this script writes where the link points.",
        do="Use mktemp and remove the file in a trap.",
    ),
    Pattern(
        lenses="security",
        severity="medium",
        confidence=0.6,
        category="secrets",
        find=r"(--(?:password|token|secret)[= ]\S*\$\{?\w+)",
        title="A secret is passed as an argument",
        problem="Arguments can be read by every user of the machine while the command runs, and land in logs.",
        do="Pass it by a file descriptor, a file with narrow rights, or the environment.",
    ),
    Pattern(
        lenses="operations risk",
        severity="low",
        confidence=0.5,
        category="shutdown",
        find=r"\b(kill\s+-(?:9|KILL))\b",
        title="{0} leaves no time to clean up",
        problem="The process can neither finish what it writes nor remove its locks.",
        do="Send TERM, wait with a bound, and only then KILL.",
    ),
    Pattern(
        lenses="clarity consistency",
        severity="low",
        confidence=0.8,
        category="style",
        find=r"=`[^`]+`",
        title="Backticks instead of $( )",
        problem="Backticks cannot be nested without escapes and are easily taken for quotes.",
        do="Write $(command).",
    ),
)


def problems(lines: Lines) -> Iterator[Problem]:
    """What these checks see in a script."""
    yield from problems_by(_PATTERNS, lines, comment="#")
    yield from _check.problems(lines)


@_check(
    "risk",
    "correctness",
    "operations",
    severity="medium",
    confidence=0.7,
    category="error handling",
    do="Begin with set -euo pipefail.",
)
def goes_on_after_failure(lines: Lines) -> Iterator[Seen]:
    first = lines.get(1, "")
    if first.startswith("#!") and not any(_STRICT.search(line) for line in lines.values()):
        yield Seen(1, 1, "The script goes on after a failed command", "Nothing in it says set -e.")


@_check(
    "correctness",
    "risk",
    severity="medium",
    confidence=0.6,
    category="error handling",
    do="Write cd DIR || exit 1.",
)
def unchecked_cd(lines: Lines) -> Iterator[Seen]:
    if any(_STRICT.search(line) for line in lines.values()):
        return
    for number, line in lines.items():
        if re.match(r"\s*cd\s+\S+\s*(?:#.*)?$", line):
            what = "If the folder is not there, all that follows happens in the one the script was started in."
            yield Seen(number, number, "cd is not checked", what)


@_check(
    "compatibility",
    severity="medium",
    confidence=0.8,
    category="portability",
    do="Say #!/usr/bin/env bash, or keep to what every sh knows.",
)
def bash_under_sh(lines: Lines) -> Iterator[Seen]:
    if not re.match(r"#!\s*/bin/sh\b|#!\s*/usr/bin/env sh\b", lines.get(1, "")):
        return
    for number, line in lines.items():
        if found := re.search(r"\[\[|\bpipefail\b|^\s*function\s|<\(|\bdeclare\s|\$\{\w+\[", line):
            what = f"{found[0].strip()} is bash's own; where sh is dash or busybox the script stops here."
            yield Seen(number, number, f"{found[0].strip()} in a script for /bin/sh", what)
