"""The texts of a target, read when they are asked for: a report quotes from few of many files."""

import os
from collections.abc import Container, Iterator, Mapping
from pathlib import Path


class Texts(Mapping[str, str]):
    """The texts of the files of a target, by path. One that is gone since is empty."""

    def __init__(self, root: Path, paths: tuple[str, ...], given: str | None = None) -> None:
        self._root, self._paths = root, dict.fromkeys(paths)
        self._read: dict[str, str] = {} if given is None else dict.fromkeys(paths, given)

    def __getitem__(self, path: str) -> str:
        if path not in self._read:
            if path not in self._paths:
                raise KeyError(path)
            try:
                self._read[path] = (self._root / path).read_bytes().decode("utf-8", "replace")
            except OSError:
                self._read[path] = ""
        return self._read[path]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class LinksOut(Container[str]):
    """The links below a root that lead out of it, of the target or not. What lies behind them is never opened."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)

    def __contains__(self, path: object) -> bool:
        link = Path(self._root, str(path))
        if not os.path.islink(link):  # noqa: PTH114  # is_symlink() raises at a name no file can have
            return False
        return not Path(os.path.realpath(link)).is_relative_to(self._root)
