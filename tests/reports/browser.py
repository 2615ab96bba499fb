"""A real Chromium, driven over its debugging pipe: it clicks, types, reads, takes pictures."""

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.absent import absent

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 60.0
NAVIGATED = (
    "Inspected target navigated or closed",
    "Execution context was destroyed.",
    "Cannot find default execution context",
)


class Navigated(Exception):
    """The page that was asked is not there any more; the next one may answer."""


class Browser:
    """One page of one Chromium."""

    def __init__(self, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # The browser reads commands from descriptor 3 and answers on 4.
        nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        high = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (theirs_in, theirs_out)]
        ends = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(high, 3)]
        command = [str(PROGRAM), *_options(profile)]
        self._pid = os.posix_spawn(command[0], command, os.environ, file_actions=[*nothing, *ends], setsid=True)
        for end in (theirs_in, theirs_out, *high):
            os.close(end)
        self._number, self._rest = 0, b""
        self.requests: list[str] = []
        """Addresses the page wanted."""
        self.refused: list[str] = []
        """Why some of them were never asked for."""
        self.complaints: list[str] = []
        """What the page's console was told: errors, and what its policy refused."""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable")

    _session: str | None = None

    def open(self, file: Path, *, anchor: str = "", width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Show a file as a person with such a window would see it."""
        self.resize(width, height, dark=dark)
        self.requests.clear()
        self.refused.clear()
        self.complaints.clear()
        self._ask("Page.navigate", url="about:blank")
        self._ask("Page.navigate", url=f"{file.as_uri()}{anchor}")
        self.until("location.protocol === 'file:' && document.readyState === 'complete'")

    def resize(self, width: int, height: int, *, dark: bool = False) -> None:
        """A window of this size, and a system that prefers light or dark."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = "dark" if dark else "light"
        self._ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def read(self, expression: str) -> Any:
        """The value of an expression in the page."""
        told = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise AssertionError(told["exceptionDetails"])
        return told["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait for something to be true in the page, with a bound."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                if self.read(f"Boolean({expression})"):
                    return
            except Navigated:
                pass  # the page was left while it was asked
            assert time.monotonic() < ends, f"never true: {expression}"

    def click(self, selector: str) -> None:
        """Press the mouse on the middle of an element, which must really be there to be hit."""
        at = self.read(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();"
            " const x = r.left + r.width / 2, y = r.top + r.height / 2;"
            " const hit = document.elementFromPoint(x, y); return {x, y, hit: e === hit || e.contains(hit)}; })()"
        )
        assert at["hit"], f"{selector} is behind something"
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=at["x"], y=at["y"], button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press one key."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self._ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._ask("Input.insertText", text=text)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """What is seen, as a PNG."""
        told = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(told["data"]))

    def printed(self) -> bytes:
        """The page as a PDF, as a printer gets it."""
        return base64.b64decode(self._ask("Page.printToPDF")["data"])

    def close(self) -> None:
        """End it and everything it started."""
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._out)
        os.close(self._in)

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        said: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            said["sessionId"] = self._session
        os.write(self._out, json.dumps(said).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                if told.get("error", {}).get("message", "") in NAVIGATED:
                    raise Navigated
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result
            self._heard(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._in, 1 << 16)
            assert read, "Chromium is gone"
            self._rest += read
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told

    def _heard(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        match told.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Network.loadingFailed":
                self.refused.append(params.get("blockedReason", params["errorText"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(params["exceptionDetails"].get("exception", {}).get("description", "an error"))
            case "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            case "Page.javascriptDialogOpening":
                self.complaints.append(f"dialog: {params['message']}")


def _options(profile: Path) -> list[str]:
    return [
        "--headless=new",
        "--remote-debugging-pipe",
        f"--user-data-dir={profile}",
        "--no-sandbox",  # tests often run as root in a container, where the sandbox cannot be set up
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--hide-scrollbars",
        "--force-color-profile=srgb",
    ]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for a while."""
    if PROGRAM is None:
        absent("no Chromium (Debian: apt-get install chromium)")
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        browser = Browser(Path(profile))
        try:
            yield browser
        finally:
            browser.close()
