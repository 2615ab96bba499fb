"""The command `orchestra`."""

import gc
import sys

COLLECTED_AFTER = 100_000
"""New objects. Nearly all that is loaded stays; looking for the rest after every 700 takes a twentieth of a start."""


def main() -> None:
    """Answer `--version` without loading anything, and hand all else to the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from orchestra import __version__

        print(f"orchestra {__version__}")
        return
    gc.set_threshold(COLLECTED_AFTER)
    from orchestra.cli.app import main as command_line

    command_line()


if __name__ == "__main__":
    main()
