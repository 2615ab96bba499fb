"""The command `orchestra`."""

import sys


def main() -> None:
    """Answer `--version` without loading anything, and hand all else to the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from orchestra import __version__

        print(f"orchestra {__version__}")
        return
    from orchestra.cli.app import main as command_line

    command_line()


if __name__ == "__main__":
    main()
