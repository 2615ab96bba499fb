"""The understudy's checks: each sees what it is for, and keeps silent about what is well."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.rehearsal.checks import (
    LENSES,
    Problem,
    any_text,
    code,
    config,
    problems_in,
    prose,
    python_calls,
    python_names,
    python_shape,
    shell,
)
from orchestra.rehearsal.checks.pattern import Pattern
from orchestra.rehearsal.checks.problem import Check, Checks

SEEN = [
    # (file, text, line, words of the title)
    ("a.txt", "one\n- [ ] TODO: the rest\n", 2, "TODO left in the text: the rest"),
    ("a.ini", "api_key = 'sk-93hf83hf72hs'\n", 1, "looks like a secret is written down in api_key"),
    ("a.env", "DB_PASSWORD=correcthorsebattery\n", 1, "DB_PASSWORD"),
    ("a.pem", "-----BEGIN RSA PRIVATE KEY-----\n", 1, "private key"),
    ("a.c", "int a;\n<<<<<<< HEAD\n", 2, "merge conflict"),
    ("a.js", "let a = 1; /* \u202e } */\n", 1, "Invisible characters"),
    ("a.cfg", "url = http://updates.acme.org/x\n", 1, "updates.acme.org is named with http"),
    ("a.go", "\tone()\n\ttwo()\n    three()\n", 3, "Tabs and spaces"),
    ("a.py", "def f(:\n    pass\n", 1, "not valid Python"),
    ("a.py", "try:\n    f()\nexcept:\n    g()\n", 3, "Bare except"),
    ("a.py", "\ufefftry:\n    f()\nexcept:\n    g()\n", 3, "Bare except"),
    ("a.py", "try:\n    f()\nexcept Exception:\n    pass\n", 3, "Exception is swallowed"),
    ("a.py", "def f(a, b=[]):\n    return b\n", 1, "Mutable default argument in f"),
    ("a.py", "def f(*, b=dict()):\n    return b\n", 1, "Mutable default argument in f"),
    ("a.py", "if a == None:\n    f()\n", 1, "a is compared with None"),
    ("a.py", "if x.y == x.y:\n    f()\n", 1, "compares a thing with itself"),
    ("a.py", "if a is 'x':\n    f()\n", 1, "tests identity"),
    ("a.py", "assert (a, 'message')\n", 1, "never fail"),
    ("a.py", "def f():\n    return 1\n    g()\n", 3, "after return is never run"),
    ("a.py", "for a in b:\n    continue\n    g()\n", 3, "after continue is never run"),
    ("a.py", "def f():\n    try:\n        g()\n    finally:\n        return 1\n", 5, "lost in finally"),
    ("a.py", "for a in b:\n    b.remove(a)\n", 2, "b is changed while"),
    ("a.py", "for a in d:\n    del d[a]\n", 2, "d is changed while"),
    ("a.py", "def f():\n" + "    g()\n" * 60, 1, "f is 61 lines long"),
    ("a.py", "def f(a, b, c, d, e, g, h, i):\n    pass\n", 1, "8 positional parameters"),
    ("a.py", "import requests\nrequests.get(url)\n", 2, "requests.get waits without a timeout"),
    ("a.py", "import subprocess\nsubprocess.run(['x'])\n", 2, "outcome of subprocess.run is ignored"),
    ("a.py", "import subprocess\na = subprocess.run(x, shell=True)\n", 2, "shell=True"),
    ("a.py", "import os\na = os.system(x)\n", 2, "os.system runs a shell"),
    ("a.py", "eval(text)\n", 1, "eval runs text as code"),
    ("a.py", "db.execute(f'select {x}')\n", 1, "put together from strings"),
    ("a.py", "db.execute('select ' + x + ';')\n", 1, "put together from strings"),
    ("a.py", "db.execute('select %s' % x)\n", 1, "put together from strings"),
    ("a.py", "db.execute('select {}'.format(x))\n", 1, "put together from strings"),
    ("a.py", "import pickle\npickle.loads(x)\n", 2, "pickle.loads can run code"),
    ("a.py", "import yaml\nyaml.load(x)\n", 2, "yaml.load can run code"),
    ("a.py", "client.get(url, verify=False)\n", 1, "does not verify"),
    ("a.py", "import hashlib\nhashlib.md5(x)\n", 2, "broken hash"),
    ("a.py", "import random\nsession_id = random.randint(0, 9)\n", 2, "session_id comes from random.randint"),
    ("a.py", "import tempfile\ntempfile.mktemp()\n", 2, "only makes a name"),
    ("a.py", "text = open(name).read()\n", 1, "opened and never closed"),
    ("a.py", "def f():\n    a = open(x)\n    return a.read()\n", 2, "a is opened and never closed"),
    ("a.py", "import time\nasync def f():\n    time.sleep(1)\n", 3, "blocks the event loop in f"),
    ("a.py", "from datetime import datetime\ndatetime.utcnow()\n", 2, "without a zone"),
    ("a.py", "import os, sys\nsys.exit()\n", 1, "os is imported and not used"),
    ("a.py", "def f():\n    a = g()\n", 2, "a is assigned and not used in f"),
    ("a.py", "def f(id):\n    return id\n", 1, "Parameter id of f hides a builtin"),
    ("a.py", "def f():\n    list = 1\n    return list\n", 2, "Variable list in f hides a builtin"),
    ("a.py", "def f():\n    global n\n    n = 1\n", 2, "f changes the global n"),
    (
        "a.py",
        "def a_b(): ...\ndef c_d(): ...\ndef e_f(): ...\ndef getIt(): ...\n",
        4,
        "getIt is named in another style",
    ),
    ("a.py", "import distutils.core\ndistutils.core.x()\n", 1, "distutils.core is gone since Python 3.12"),
    ("a.py", "a = 1  # x\ry\nassert (a, b)\n", 2, "never fail"),
    ("tool", "#!/usr/bin/env python3\neval(text)\n", 2, "eval runs text"),
    ("a.sh", "#!/bin/bash\necho x\n", 1, "goes on after a failed command"),
    ("a.sh", "cd /srv/x\nmake\n", 1, "cd is not checked"),
    ("a.sh", "#!/bin/sh -e\nif [[ -n x ]]; then :; fi\n", 2, "[[ in a script for /bin/sh"),
    ("a.sh", "curl -fs https://x.test/i | sudo bash\n", 1, "run unseen"),
    ("a.sh", "ssh -o StrictHostKeyChecking=no h\n", 1, "Verification is switched off"),
    ("a.sh", "chmod -R 777 x\n", 1, "chmod -R 777 lets everybody write"),
    ("a.sh", "make || true\n", 1, "waved through"),
    ("a.sh", "rm -rf $DIR/old\n", 1, "rm -r of $DIR"),
    ("a.sh", 'eval "$cmd"\n', 1, "eval runs"),
    ("a.sh", "if [ $a = b ]; then\n", 1, "$a is tested without quotes"),
    ("a.sh", "for f in $(ls); do\n", 1, "output of ls"),
    ("a.sh", "curl https://x.test/i -o y\n", 1, "error page for success"),
    ("a.sh", "date > /tmp/stamp\n", 1, "/tmp/stamp is a name everybody can guess"),
    ("a.sh", 'login --password "$PW"\n', 1, "passed as an argument"),
    ("a.sh", "kill -9 $pid\n", 1, "kill -9 leaves no time"),
    ("a.sh", "a=`date`\n", 1, "Backticks"),
    ("deploy", "#!/bin/bash\nset -eu\nrm -r $x\n", 3, "rm -r of $x"),
    ("Dockerfile", "FROM python\nUSER app\n", 1, "python is built on whatever is newest"),
    ("Dockerfile", "FROM a/b:latest AS base\nUSER app\n", 1, "a/b:latest is built on"),
    ("Dockerfile", "FROM a:1\nRUN x\n", 1, "runs as root"),
    ("Dockerfile", "ADD https://x.test/y /y\n", 1, "without a checksum"),
    ("Dockerfile", "ARG NPM_TOKEN\n", 1, "NPM_TOKEN stays readable"),
    ("Dockerfile", "RUN pip install x\n", 1, "pip install leaves its cache"),
    ("Dockerfile", "CMD python app.py\n", 1, "started through a shell"),
    ("Dockerfile", "COPY . /app\n", 1, "whole folder"),
    ("Dockerfile", 'CMD ["x"]\n', 1, "Nothing asks whether"),
    ("a.yml", "- uses: x/y@main\n", 1, "x/y@main changes without notice"),
    ("a.yml", "image: redis\n", 1, "Image redis has no version"),
    ("a.yml", "      echo ${{ github.event.issue.title }}\n", 1, "pasted into a command"),
    ("a.yml", "on:\n  pull_request_target:\n", 2, "More rights than usual"),
    ("a.yml", "- run: x\n  continue-on-error: true\n", 2, "A failure is ignored"),
    ("a.yml", "a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "Key b is given twice"),
    ("a.yml", "a:\n\tb: 1\n", 2, "tab"),
    ("a.yml", "jobs:\n  x:\n    runs-on: y\n", 3, "run for hours"),
    ("a.md", "This is is odd.\n", 1, "A word stands twice: is"),
    ("a.md", "Studies show that it works.\n", 1, "Studies show: says who?"),
    ("a.md", "It saves 40 % of the time.\n", 1, "40 % without a source"),
    ("a.md", "Clean up as needed.\n", 1, "as needed leaves open"),
    ("a.md", "Simply start it.\n", 1, "Simply does not help"),
    ("a.md", "The limits are to be defined.\n", 1, "Not written yet: to be defined"),
    ("a.md", "![](x.png)\n", 1, "without alternative text"),
    ("a.md", "See [here](x).\n", 1, "does not say where it leads"),
    ("a.md", "a\n\n```sh\nls\n", 3, "never closed"),
    ("a.md", "# A\n\n### C\n", 3, "Heading of level 3 under level 1: C"),
    ("a.md", "# A\n## B\n## B\n", 3, "Two headings are called B"),
    ("a.md", "The colour is red.\nThe color is blue, this colour.\n", 2, "color here, colour elsewhere"),
    ("a.md", " ".join([f"word{n}" for n in range(50)]) + ".\n", 1, "A sentence of 50 words"),
    ("a.md", "Deploy it.\nThen migrate.\nThe rollout ends.\n", 1, "No way back is described for the deploy"),
    ("a.go", "\ta, _ := f()\n", 1, "returned error is dropped"),
    ("a.go", "\thttp.Get(u)\n", 1, "http.Get has no timeout"),
    ("a.go", "\tioutil.ReadAll(r)\n", 1, "ioutil.ReadAll is deprecated"),
    ("a.go", "\tpanic(err)\n", 1, "ends the whole program"),
    ("a.ts", "x.innerHTML = y\n", 1, "as markup"),
    ("a.ts", "eval(x)\n", 1, "runs text as code"),
    ("a.ts", "if (a == 0) {}\n", 1, "== converts"),
    ("a.ts", "try { f() } catch (e) {}\n", 1, "swallowed"),
    ("a.ts", "const token = Math.random()\n", 1, "comes from Math.random()"),
    ("a.ts", "console.log(x)\n", 1, "left in the code"),
    ("a.c", "strcpy(a, b);\n", 1, "strcpy does not know"),
    ("a.c", "system(cmd);\n", 1, "system runs a shell"),
    ("a.java", "e.printStackTrace();\n", 1, "printed or dropped"),
    ("a.java", 'if (a == "x") {}\n', 1, "compares references"),
    ("a.rs", "let a = b.unwrap();\n", 1, ".unwrap() ends the thread"),
    ("a.rs", "unsafe { f() }\n", 1, "An unsafe block"),
    ("a.sql", "DELETE FROM users;\n", 1, "takes all rows"),
    ("a.sql", "select * from users;\n", 1, "every column"),
    ("a.html", '<img src="x.png">\n', 1, "without alternative text"),
    ("a.html", "<html>\n", 1, "does not say its language"),
    ("a.html", '<div onclick="f()">x</div>\n', 1, "for the keyboard"),
    ("a.html", '<a href="x" target="_blank">x</a>\n', 1, "hands the page"),
]

WELL = {
    "a.py": """
        import os
        import subprocess
        from contextlib import closing

        import requests
        import yaml

        __all__ = ["os", "f"]
        SECRET_PREFIX = "ORCHESTRA_"
        NO_SECRET = "SHOP_NAME"


        def f(a=None, *, b=()):
            if a is None or a == b:
                a = []
            with open(a) as file, closing(g()) as other:
                text = file.read() + other
            kept = open(a)
            h(kept)
            try:
                requests.get(text, timeout=3)
            except OSError:
                pass
            for item in list(a):
                a.remove(item)
            subprocess.run(["ls", text], check=True)
            yaml.safe_load(text)
            db.execute("select ?", (text,))
            _unused = g()
            return "http://localhost/x"
        """,
    "a.sh": """
        #!/bin/bash
        set -euo pipefail
        cd "$(dirname "$0")"
        rm -rf "${DIR:?}/old"
        curl --fail -o "$file" https://x.test/y
        if [[ $a = b ]]; then make; fi
        # eval "$x" would be wrong
        """,
    "Dockerfile": """
        FROM python:3.12-slim@sha256:abc AS base
        FROM base
        RUN pip install --no-cache-dir -r requirements.txt
        COPY src/ /app/
        USER app
        HEALTHCHECK --interval=5s \\
          CMD curl -f http://localhost/ || exit 1
        CMD ["python", "-m", "app"]
        """,
    "a.yml": """
        on: push
        env:
          IMAGE: registry.example.net/x
        jobs:
          a:
            timeout-minutes: 5
            runs-on: linux
            steps:
              - uses: actions/checkout@v4
                with:
                  name: x
              - uses: actions/setup@1234567
                with:
                  name: y
              - run: |
                  name: one
                  name: two
        """,
    "a.md": """
        # One

        Colour is said once. It took 3 s on a laptop with two cores. See the [list of lenses](lenses.md).

        ## Two

        ![A bar chart: reviewers find more together](chart.png)

        ```python
        simply = "of course"  # in code the words are the code's
        ```

        The release can be rolled back. We deploy, migrate and roll out on Monday.
        """,
    "a.go": """
        package x

        func f() error {
        \treturn nil
        }
        """,
}


def lines_of(text: str) -> dict[int, str]:
    return dict(enumerate(text.removesuffix("\n").split("\n"), 1))


def seen(name: str, text: str) -> list[Problem]:
    return list(problems_in(name, lines_of(text), whole=True))


@pytest.mark.parametrize(("name", "text", "line", "title"), SEEN)
def test_it_sees(name: str, text: str, line: int, title: str) -> None:
    found = [(problem.seen.first, problem.seen.title) for problem in seen(name, text)]
    assert any(first == line and title in said for first, said in found), found


@pytest.mark.parametrize("name", WELL)
def test_it_keeps_silent_about_what_is_well(name: str) -> None:
    assert seen(name, textwrap.dedent(WELL[name]).lstrip("\n")) == []


def test_every_check_has_an_example() -> None:
    rooms = (any_text, python_shape, python_calls, python_names, shell, config, prose)
    checks: list[Check[object] | Pattern] = []
    for room in rooms:
        for value in vars(room).values():
            checks += value.all if isinstance(value, Checks) else ()
    tables = (shell._PATTERNS, config._DOCKER, config._YAML, prose._PATTERNS, *code.BY_ENDING.values())
    checks += [pattern for table in tables for pattern in table]
    assert len(checks) > 80

    advice = {problem.recommendation for name, text, _, _ in SEEN for problem in seen(name, text)}
    wanted = {check.do if isinstance(check, Pattern) else check.recommendation for check in checks}
    assert wanted - advice == set()


@given(
    name=st.sampled_from(
        ["a.py", "a.sh", "Dockerfile", "a.yml", "a.md", "a.go", "a.ts", "a.c", "a.sql", "a.html", "x"]
    ),
    parts=st.lists(st.one_of(st.sampled_from([text for _, text, _, _ in SEEN]), st.text(max_size=40)), max_size=6),
    gaps=st.sets(st.integers(1, 12)),
)
def test_whatever_it_reads_it_says_only_what_it_saw(name: str, parts: list[str], gaps: set[int]) -> None:
    lines = {number: line for number, line in lines_of("".join(parts)).items() if number not in gaps}
    for problem in problems_in(name, lines, whole=not gaps):
        assert {problem.seen.first, problem.seen.last} <= set(lines)
        assert problem.seen.title
        assert problem.seen.problem
        assert set(problem.lenses) <= set(LENSES)
