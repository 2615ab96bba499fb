"""How the understudy finds out from a prompt what it is to look at."""

import pytest

from orchestra.rehearsal.assignment import Assigned, files_of, lenses_of

A, B = Assigned("src/a.py"), Assigned("b c.md")


@pytest.mark.parametrize(
    ("prompt", "files"),
    [
        ("FILES:\n- src/a.py (12 lines)\n- b c.md (1 line)\n\nLENS: risk\n", (A, B)),
        ("FILES\n- src/a.py\n- b c.md\n", (A, B)),
        ("## FILES\n\n- `src/a.py` (12 lines)\n- `b c.md`\n\n## LENS\n", (A, B)),
        ("**FILES:**\n* src/a.py\n* b c.md\n", (A, B)),
        ("FILES (2):\n1. src/a.py\n2. b c.md\n", (A, B)),
        ("FILES:\nThese are the files of your section:\n\n- src/a.py\n- b c.md\n", (A, B)),
        ("FILES:\n```\nsrc/a.py\nb c.md\n```\n- not this\n", (A, B)),
        ("FILES:\n~~~text\n- src/a.py (12 lines)\n- b c.md\n~~~\n", (A, B)),
        ("FILES:\n- src/a.py\n- src/a.py\n- b c.md\n", (A, B)),
        ("FILES:\n- src/a.py (lines 40-80 of 200)\n", (Assigned("src/a.py", 40, 80),)),
        ("FILES:\n- src/(odd).py (3 lines)\n", (Assigned("src/(odd).py"),)),
        ("FILES:\n- src/`odd`.py (3 lines)\n- `end (1 line)\n", (Assigned("src/`odd`.py"), Assigned("`end"))),
        ("FILES:\n- `odd`.py (3 lines)\n- '`odd`' (1 line)\n", (Assigned("`odd`.py"), Assigned("`odd`"))),
        ("SCOPE: the files under FILES are yours.\n\nFILES:\n- src/a.py\nDO:\n- read\n", (A,)),
        ("FILES:\n\nLENS: risk\n- no file\n", ()),
        ("FILES: none\n", ()),
        ("Nothing of the kind.\n- src/a.py\n", ()),
        ("", ()),
    ],
)
def test_files(prompt: str, files: tuple[Assigned, ...]) -> None:
    assert files_of(prompt) == files


@pytest.mark.parametrize(
    ("prompt", "lenses"),
    [
        ("LENS: security\n", ("security",)),
        ("LENS: SECURITY AND RISK\nLook for correctness elsewhere.\n", ("security", "risk")),
        ("LENS: security, risk\n", ("security", "risk")),
        ("LENSES: correctness+evidence\n", ("correctness", "evidence")),
        ("## LENS: `error-handling`\n", ("error-handling",)),
        ("LENS\nsecurity: what an attacker would look for, and correctness.\n", ("security",)),
        ("**LENS:** clarity \u2014 what a reader stumbles over\n", ("clarity",)),
        ("Seen through the LENS of risk.\n", ()),
        ("", ()),
    ],
)
def test_lenses(prompt: str, lenses: tuple[str, ...]) -> None:
    assert lenses_of(prompt) == lenses
