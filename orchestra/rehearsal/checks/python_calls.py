"""Python checks of calls: what is asked of a library without what it needs to be safe."""

import ast
import re
from collections.abc import Iterator

from orchestra.rehearsal.checks.problem import Checks, Problem, Seen
from orchestra.rehearsal.checks.python_source import Function, Source, at, calls_in

_check: Checks[Source] = Checks()

_REQUESTS = re.compile(r"^(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options|request)$")
_SUBPROCESS = re.compile(r"^subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)$")
_WEAK_HASHES = {"hashlib.md5", "hashlib.sha1"}
_SECRET_NAME = re.compile(r"(?i)token|secret|passw|nonce|salt|otp|session_?id|api_?key")


def problems(source: Source) -> Iterator[Problem]:
    """What these checks see in the module."""
    return _check.problems(source)


def _keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords}


def _is(value: ast.expr | None, constant: object) -> bool:
    return isinstance(value, ast.Constant) and value.value is constant


def _built(value: ast.expr) -> bool:
    """A string put together at run time: an f-string with fields, +, %, or .format()."""
    if isinstance(value, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in value.values)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Mod):
        return any(
            isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
            for side in (value.left, value.right)
        ) or _built(value.left)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "format"


@_check(
    "risk",
    "operations",
    "correctness",
    severity="medium",
    confidence=0.8,
    category="timeouts",
    do="Give it a timeout, and say what happens when it runs out.",
)
def no_timeout(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        waits = _REQUESTS.match(name) or name in {"urllib.request.urlopen", "urlopen", "socket.create_connection"}
        given = _keywords(call)
        positional = name.endswith("create_connection") and len(call.args) > 1
        if waits and "timeout" not in given and None not in given and not positional:
            yield at(call, f"{name} waits without a timeout", "A server that never answers holds this call for ever.")


@_check(
    "risk",
    "correctness",
    severity="medium",
    confidence=0.6,
    category="error handling",
    do="Pass check=True, or look at the return code.",
)
def unchecked_subprocess(source: Source) -> Iterator[Seen]:
    for statement in source.nodes:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call, name = statement.value, ast.unparse(statement.value.func)
            if name in {"subprocess.run", "subprocess.call", "os.system"} and "check" not in _keywords(call):
                what = "Its result is dropped: if the command fails, the program goes on as if it had worked."
                yield at(call, f"The outcome of {name} is ignored", what)


@_check(
    "security",
    severity="high",
    confidence=0.7,
    category="injection",
    do="Pass a list of arguments and leave the shell out.",
)
def shell_command(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        if _SUBPROCESS.match(name) and _is(_keywords(call).get("shell"), True):
            what = "The command goes through a shell: whatever reaches the string can add commands of its own."
            yield at(call, f"{name} with shell=True", what)
        elif name in {"os.system", "os.popen"}:
            yield at(call, f"{name} runs a shell", "Whatever reaches the string can add commands of its own.")


@_check(
    "security",
    severity="critical",
    confidence=0.7,
    category="injection",
    do="Parse the input (ast.literal_eval, json), or look the operation up in a table.",
)
def evaluates(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        if name in {"eval", "exec"} and call.args and not isinstance(call.args[0], ast.Constant):
            yield at(
                call, f"{name} runs {ast.unparse(call.args[0])[:40]} as code", "Who writes it runs what they like."
            )


@_check(
    "security",
    severity="high",
    confidence=0.8,
    category="injection",
    do="Pass the values as parameters and let the driver quote them.",
)
def built_query(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        executes = name.rpartition(".")[2] in {"execute", "executemany", "executescript"}
        if executes and call.args and _built(call.args[0]):
            yield at(
                call, f"{name} gets a query put together from strings", "A value can end the literal and go on in SQL."
            )


@_check(
    "security",
    severity="high",
    confidence=0.7,
    category="deserialisation",
    do="Use a format that carries data only, such as JSON; for YAML safe_load.",
)
def unsafe_loading(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        yaml = name == "yaml.load" and not any(
            "Safe" in ast.unparse(part) for part in [*call.args[1:], *_keywords(call).values()]
        )
        if yaml or name in {"pickle.load", "pickle.loads", "marshal.loads", "shelve.open", "yaml.unsafe_load"}:
            yield at(
                call, f"{name} can run code from what it loads", "Who can change the data runs code in this process."
            )


@_check(
    "security",
    severity="high",
    confidence=0.9,
    category="transport",
    do="Leave verification on, and give the certificate authority with verify=PATH.",
)
def unverified(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        if _is(_keywords(call).get("verify"), False) or name == "ssl._create_unverified_context":
            yield at(call, f"{name} does not verify the certificate", "Anybody on the way can answer in its place.")


@_check(
    "security",
    severity="medium",
    confidence=0.5,
    category="cryptography",
    do="Use hashlib.sha256, for passwords hashlib.scrypt; where it is no matter of security say usedforsecurity=False.",
)
def weak_hash(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        if name in _WEAK_HASHES and not _is(_keywords(call).get("usedforsecurity"), False):
            yield at(call, f"{name} is a broken hash", "Two inputs with the same hash can be made at will.")


@_check(
    "security",
    severity="high",
    confidence=0.7,
    category="randomness",
    do="Use the secrets module.",
)
def guessable(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        if isinstance(node, ast.Assign) and any(_SECRET_NAME.search(ast.unparse(target)) for target in node.targets):
            for call, name in calls_in(ast.walk(node.value)):
                if name.startswith("random.") and name != "random.SystemRandom":
                    what = f"{name} is predictable once some of its output is known."
                    yield at(call, f"{ast.unparse(node.targets[0])} comes from {name}", what)


@_check(
    "security",
    "risk",
    severity="medium",
    confidence=0.9,
    category="temporary files",
    do="Use tempfile.mkstemp or NamedTemporaryFile, which make the file at once.",
)
def racy_temporary(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        if name == "tempfile.mktemp":
            yield at(
                call, "tempfile.mktemp only makes a name", "Somebody else can make the file before this program does."
            )


@_check(
    "risk",
    "performance",
    "correctness",
    severity="medium",
    confidence=0.8,
    category="resources",
    do="Open it in a `with` statement.",
)
def never_closed(source: Source) -> Iterator[Seen]:
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="open")), attr=used)) if used != "close":
                what = "Nothing keeps the file object, so nothing closes it; what was written may be late or lost."
                yield at(node, "A file is opened and never closed", what)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _kept_open(node)


def _kept_open(function: Function) -> Iterator[Seen]:
    for statement in ast.walk(function):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="open"))):
                leaves = rf"\b{name}\.close\b|(?:return|yield|with) {name}\b(?!\.)|[(=\[,] ?{name}\b(?!\.)"
                if not re.search(leaves, ast.unparse(function)):
                    what = f"{function.name} neither closes {name} nor hands it on."
                    yield at(statement, f"{name} is opened and never closed", what)


@_check(
    "performance",
    "correctness",
    severity="high",
    confidence=0.9,
    category="concurrency",
    do="Await an asynchronous equivalent, or move it to a thread with asyncio.to_thread.",
)
def blocks_the_loop(source: Source) -> Iterator[Seen]:
    for function in source.nodes:
        if isinstance(function, ast.AsyncFunctionDef):
            for call, name in calls_in(ast.walk(function)):
                if name in {"time.sleep", "input", "subprocess.run"} or re.match(r"requests\.(get|post|put)$", name):
                    what = "Nothing else on the loop moves meanwhile."
                    yield at(call, f"{name} blocks the event loop in {function.name}", what)


@_check(
    "correctness",
    "compatibility",
    severity="low",
    confidence=0.6,
    category="time",
    do="Use datetime.now(UTC).",
)
def naive_time(source: Source) -> Iterator[Seen]:
    for call, name in source.calls:
        if name.endswith(("datetime.utcnow", "datetime.utcfromtimestamp")):
            yield at(call, f"{name} gives a time without a zone", "It compares and prints as if it were local time.")
