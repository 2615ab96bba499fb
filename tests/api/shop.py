"""A small project with problems that are found without a model: what the examples and the programs look at."""

import subprocess
from pathlib import Path

FILES = {
    "src/cart.py": (
        "import subprocess\n\n\ndef total(prices=[]):\n    prices.append(0)\n    return sum(prices)\n\n\n"
        "def receipt(name):\n    subprocess.run('lpr ' + name, shell=True)\n\n\n"
        "def parse(text):\n    try:\n        return int(text)\n    except:\n        pass\n"
    ),
    "src/README.md": "# Cart\n\nAdds prices.\n",
    "PLAN.md": "# Plan\n\nMove the cart to a queue by Friday.\n",
}


def opened(folder: Path) -> Path:
    """The shop in a new folder, committed."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "The shop"]):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    return folder
