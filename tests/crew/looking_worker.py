"""A reviewer that reports every line with BUG in it, and a refuter that confirms; each notes what it was asked."""

import json
import os
import re
import sys

prompt = sys.stdin.read()
place, delay = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
files = re.findall(r"^- (\S+) \(", prompt, re.MULTILINE)
lens = (re.findall(r"^LENS: (.+)$", prompt, re.MULTILINE) or ["REFUTE"])[0]
note = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
os.write(note, f"{lens} {files[0] if files else '-'}\n".encode())
if delay:
    __import__("time").sleep(delay)
found = []
for path in files:
    with open(path, encoding="utf-8") as text:  # noqa: PTH123  # pathlib would be half of what this program takes
        lines = text.readlines()
    for number, line in enumerate(lines, 1):
        if "BUG" in line:
            where = {"path": path, "start_line": number, "end_line": number, "quote": line.rstrip("\n")}
            what = " ".join(line.split())
            found.append(
                {
                    "title": f"{what} goes wrong",
                    "severity": "high",
                    "confidence": 0.8,
                    "category": "state",
                    "locations": [where],
                    "problem": f"{what} is wrong.",
                    "recommendation": "Mend it.",
                    "rewrite": None,
                }
            )
if lens == "REFUTE":
    print(json.dumps({"judgements": [{"number": 1, "verdict": "confirmed", "evidence": "seen", "reason": "seen"}]}))
else:
    print(json.dumps({"summary": "Looked. Said.", "findings": found}))
