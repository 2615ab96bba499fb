"""`site`: make the project's page, say where it lies, show it."""

import webbrowser
from pathlib import Path

from orchestra.cli.saying import say
from orchestra.cli.which import here
from orchestra.nightly.site import build
from orchestra.reports.plain import plain


def make_and_say(out: Path | None, show: bool) -> None:
    """The path goes to stdout: `xdg-open $(orchestra site)`."""
    index = build(here(), out)
    print(plain(str(index)))
    if show and not webbrowser.open(index.resolve().as_uri()):
        say("No browser was found here; copy the folder to where one is.")
