"""Self-contained pages: one file with its style and its script inside, and a policy that lets nothing else run or load.

Whatever a template prints is made plain and escaped on the way; the policy holds even if an escape were forgotten.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from orchestra import __version__
from orchestra.reports.plain import one_line, plain, web_address

_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)(.{1,400}?)(?<!`)\1(?!`)")
_COMMAND = re.compile(r"^([ \t]*):(?=:)|#(?=#(?:\[|vso\[|teamcity\[))", re.MULTILINE)


OWN = "orchestra.reports.renderers"


def page(template: str, *, room: str = OWN, **values: Any) -> str:
    """A whole page out of a template in `page/`. Another room's `page/` adds templates and style to these."""
    environment = _environment(room)
    style, script = _all_of(room, ".css"), _all_of(room, ".js")
    text = environment.get_template(template).render(
        style=_Whole("style"), script=_Whole("script"), style_hash=_hash(style), script_hash=_hash(script), **values
    )
    # A line that a CI service would obey is said with an entity; style and script go in behind that.
    text = _COMMAND.sub(lambda found: f"{found[1]}&#58;" if found[1] is not None else "&#35;", text)
    return text.replace(_Whole("style"), style, 1).replace(_Whole("script"), script, 1)


def edition(room: str = OWN) -> str:
    """Another one whenever a page of the same values would be: of the version and of everything in `page/`."""
    told = "\0".join((__version__, *(_all_of(room, kind) for kind in (".jinja", ".css", ".js"))))
    return sha256(told.encode()).hexdigest()


def prose(text: str) -> Markup:
    """Paragraphs with their line breaks; what was marked as code is code."""
    paragraphs = re.split(r"\n[ \t]*\n", plain(text, lines=True).strip())
    told = ("<br>\n".join(map(code_spans, paragraph.split("\n"))) for paragraph in paragraphs if paragraph.strip())
    return Markup("".join(f"<p>{lines}</p>" for lines in told))  # every piece was escaped by `code_spans`


def code_spans(text: str) -> Markup:
    """One line, in which what stood between backticks is code."""
    line = one_line(text)
    if "`" not in line:
        return escape(line)
    told, at = [], 0
    for found in _CODE.finditer(line):
        told += [escape(line[at : found.start()]), Markup("<code>{}</code>").format(found[2].strip())]
        at = found.end()
    return Markup("").join([*told, escape(line[at:])])


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff, and whether it adds, takes away, or says where."""

    kind: str
    text: str


def diff_lines(text: str) -> Iterator[DiffLine]:
    """The lines of a diff."""
    for line in plain(text, lines=True).strip("\n").split("\n"):
        head = line.startswith(("+++", "---", "@@", "diff ", "index "))
        yield DiffLine("place" if head else {"+": "add", "-": "take"}.get(line[:1], "same"), line)


class _Whole(str):
    """Where the style and the script will stand: no model can say it, for it holds a control sign."""

    __slots__ = ()

    def __new__(cls, name: str) -> "_Whole":
        return super().__new__(cls, f"\x00{name}\x00")


@cache
def _environment(room: str) -> Environment:
    templates = {file.name: file.read_text("utf-8") for file in _files(room, ".jinja")}
    environment = Environment(
        loader=DictLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalised,
        trim_blocks=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "one_line": one_line,
        "prose": prose,
        "code_spans": code_spans,
        "diff_lines": diff_lines,
        "web_address": web_address,
        "kind": lambda block: type(block).__name__,
    }
    return environment


def _finalised(value: Any) -> Any:
    """Every value a template prints comes through here."""
    return plain(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup | _Whole) else value


@cache
def _all_of(room: str, kind: str) -> str:
    return "".join(file.read_text("utf-8") for file in _files(room, kind))


def _files(room: str, kind: str) -> Iterator[Traversable]:
    """What lies in our `page/`, then what another room has besides."""
    for package in dict.fromkeys((OWN, room)):
        there = sorted((files(package) / "page").iterdir(), key=lambda file: file.name)
        yield from (file for file in there if file.name.endswith(kind))


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
