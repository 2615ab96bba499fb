"""Which files a command line plainly read: a table of lines, and what is never claimed."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.workers.engines.files_read import files_read, shell_words

READ = {
    "cat a.py": ["a.py"],
    "cat -n a.py b.py": ["a.py", "b.py"],
    "/bin/cat a.py": ["a.py"],
    "cat 'with space.py'": ["with space.py"],
    "cat -- -odd": ["-odd"],
    "nl -ba src/a.py": ["src/a.py"],
    "nl -b a -w 4 a.py": ["a.py"],
    "head -50 a.py": ["a.py"],
    "head -n 50 a.py": ["a.py"],
    "tail -n +20 a.py": ["a.py"],
    "tail --lines=20 a.py": ["a.py"],
    "sed -n '1,200p' a.py": ["a.py"],
    "sed -n -e 1,9p -e 20,30p a.py b.py": ["a.py", "b.py"],
    "sed -n '/^def /,/^$/p' a.py": ["a.py"],
    "less a.py": ["a.py"],
    "grep -n TODO a.py": ["a.py"],
    "grep -rn -e TODO a.py": ["a.py"],
    "grep -A 3 -B2 'x | y' a.py": ["a.py"],
    "rg -n 'def |class ' a.py b.py": ["a.py", "b.py"],
    "rg -g '*.py' -n TODO a.py": ["a.py"],
    "cat a.py | head -20": ["a.py"],
    "grep -rne TODO a.py": ["a.py"],
    "grep -nA 3 TODO a.py": ["a.py"],
    "rg -tpy -n TODO a.py": ["a.py"],
    "egrep 'a|b' a.py": ["a.py"],
    "cat a.py | grep -n TODO | head -5": ["a.py"],
    "nl -ba a.py | sed -n '1,80p'": ["a.py"],
    "cat a.py && cat b.py": ["a.py", "b.py"],
    "cat a.py; echo ---; cat b.py": ["a.py", "b.py"],
    "cat a.py\ncat b.py": ["a.py", "b.py"],
    "cat a.py a.py": ["a.py"],
    "cd src && cat a.py": ["src/a.py"],
    "cd src; cd ..; cat a.py": ["a.py"],
    "cat ./a.py": ["a.py"],
    "cat /etc/hosts": ["/etc/hosts"],
    "cat a.py 2>/dev/null": ["a.py"],
    "cat a.py 2>&1": ["a.py"],
    "pwd && ls -la && cat a.py": ["a.py"],
}

NOT_CLAIMED = {
    "a listing": "ls src",
    "a count": "wc -l a.py",
    "a count through a pipe": "cat a.py | wc -l",
    "names only": "rg -l TODO a.py",
    "a match count": "grep -c TODO a.py",
    "quiet": "grep -q TODO a.py",
    "names only, with numbers": "rg -ln TODO a.py",
    "a count at the end of a pipe": "cat a.py | grep -c TODO",
    "a pipe into a file": "cat a.py | head -5 > b.py",
    "a pipe into a program": "cat a.py | python3 check.py",
    "an edit": "sed -i s/a/b/ a.py",
    "output that went to a file": "cat a.py > b.py",
    "output that was appended": "cat a.py >> b.py",
    "input of something else": "python3 check.py < a.py",
    "a variable": 'cat "$FILE"',
    "a pattern": "cat *.py",
    "braces": "cat {a,b}.py",
    "the home folder": "cat ~/a.py",
    "a substitution": "cat $(git ls-files)",
    "backticks": "cat `ls`",
    "a loop": "for f in a.py b.py; do cat $f; done",
    "a condition": "if true; then cat a.py; fi",
    "perhaps": "cat a.py || cat b.py",
    "in the background": "cat a.py &",
    "a subshell": "(cat a.py)",
    "a here-document": "cat <<EOF\ncat a.py\nEOF",
    "a program of its own": "python3 -c 'open(\"a.py\").read()'",
    "git": "git show HEAD:a.py",
    "no operand": "cat",
    "standard input": "cat -",
    "an option's value": "head -n 20",
    "a pattern only": "grep TODO",
    "a folder unknown": 'cd "$DIR" && cat a.py',
    "home": "cd && cat a.py",
    "quotes that do not close": "cat 'a.py",
    "nothing": "",
    "a comment": "# cat a.py",
    "a negation": "! cat a.py",
    "xargs": "echo a.py | xargs cat",
}


@pytest.mark.parametrize("line", READ)
@pytest.mark.parametrize("shell", ["", "/bin/bash -lc", "bash -c", "/usr/bin/zsh -lc"])
def test_what_was_plainly_read(line: str, shell: str) -> None:
    assert files_read(f"{shell} {shlex.quote(line)}" if shell else line) == READ[line]


@pytest.mark.parametrize("story", NOT_CLAIMED)
def test_what_is_not_claimed(story: str) -> None:
    assert files_read(f"/bin/bash -lc {shlex.quote(NOT_CLAIMED[story])}") == []


@given(st.text())
def test_no_line_is_too_strange(line: str) -> None:
    files_read(line)


@given(st.text(" catsedhgrp|&;<>()$`'\"\\\n-/.*#=0", max_size=40))
def test_no_shell_is_too_strange(line: str) -> None:
    for name in files_read(line):
        assert name
        assert not set(name) & set("$`*?[{~|<>")


@given(st.text())
def test_the_shell_around_it_is_taken_off(line: str) -> None:
    assert shell_words(f"/bin/bash -lc {shlex.quote(line)}") == line
