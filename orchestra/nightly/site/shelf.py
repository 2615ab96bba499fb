"""The site's folder: every page is written whole or not at all, one that would be the same is left as it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestra.crew.run_folder import write_whole
from orchestra.errors import StateUnusable, UsageError

NIGHTS, FINDINGS = "nights", "findings"
_OURS = {
    NIGHTS: re.compile(r"\d{8}-\d{6}-[a-z][a-z0-9-]*-[0-9a-f]{4}\.(html|json)"),
    FINDINGS: re.compile(r"f-[0-9a-f]{4,64}\.html"),
}
"""What is removed when no run stands behind it any more; other files are not ours."""
_ID = re.compile(r"f-[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the pages lie, and what they are called."""

    path: Path
    mode: int = 0o600

    @property
    def index(self) -> Path:
        return self.path / "index.html"

    def night(self, run: str) -> Path:
        """The report of a run."""
        return self.path / NIGHTS / f"{run}.html"

    def short(self, run: str) -> Path:
        """What the other pages tell of a run, so that its report need not be read again."""
        return self.path / NIGHTS / f"{run}.json"

    def finding(self, id: str) -> Path:
        """The history of a finding."""
        return self.path / FINDINGS / f"{id}.html"

    def open(self) -> None:
        """Make the folders; a link in the place of one could lead a write anywhere."""
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(
                "The site is a folder, and here lies a file.", where=self.path, next_step="Name another with --out."
            )
        try:
            for folder in (self.path, self.path / NIGHTS, self.path / FINDINGS):
                folder.mkdir(mode=0o777 if self.mode & 0o077 else 0o700, parents=True, exist_ok=True)
                if folder != self.path and folder.is_symlink():
                    raise StateUnusable(
                        "A symbolic link lies where a part of the site belongs.",
                        where=folder,
                        next_step="Move it away, or name another folder with --out.",
                    )
        except FileExistsError as error:
            raise UsageError(
                "A part of the site is a folder, and here lies a file.",
                where=folder,
                next_step="Move it away, or name another folder with --out.",
            ) from error
        except OSError as error:
            raise StateUnusable(
                f"The site cannot be written: {error.strerror}.",
                where=self.path,
                next_step="Write it elsewhere: `orchestra site --out DIR`.",
            ) from error

    def put(self, file: Path, text: str) -> None:
        """Write a page, unless it is there already with the same words."""
        if read(file) == text:
            return
        try:
            write_whole(file, text, mode=self.mode)
        except OSError as error:
            raise StateUnusable(
                f"The site cannot be written: {error.strerror}.",
                where=file,
                next_step="Make room there, or write it elsewhere: `orchestra site --out DIR`.",
            ) from error

    def keep_only(self, files: Iterable[Path]) -> None:
        """Remove the pages of runs that are gone."""
        wanted = set(files)
        for folder, ours in _OURS.items():
            try:
                for file in list((self.path / folder).iterdir()):
                    if file not in wanted and ours.fullmatch(file.name):
                        file.unlink(missing_ok=True)
            except OSError as error:
                raise StateUnusable(
                    f"The page of a run that is gone cannot be removed: {error.strerror}.", where=self.path / folder
                ) from error


def has_page(id: str) -> bool:
    """The id can be the name of a file. A report that lies on a disk may say anything."""
    return _ID.fullmatch(id) is not None


def read(file: Path) -> str:
    """The words of a file; none where it cannot be read."""
    try:
        with file.open(encoding="utf-8", errors="surrogatepass", newline="") as stream:
            return stream.read()
    except (OSError, ValueError):
        return ""
