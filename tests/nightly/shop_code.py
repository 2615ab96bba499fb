"""What stands in the shop's files night after night, and what is wrong with it, in two wordings."""

SHELL = "subprocess.run with shell=True"
SHARED = "Mutable default argument in add"
PICKLE = "pickle.loads can run code from what it loads"
EVAL = "eval runs template as code"
IN_OTHER_WORDS = {
    SHELL: {
        "title": "Shell injection: the invoice command is a string that goes through a shell",
        "problem": "With shell=True a path with a semicolon in it adds a command of its own to what is run.",
        "recommendation": "Pass the arguments as a list, without shell=True.",
    },
    SHARED: {
        "title": "The default list of lines is shared between all carts",
        "problem": "The list is made once, when the function is defined: every call without lines adds to it.",
        "recommendation": "Default to None, and make the list inside.",
    },
    PICKLE: {
        "title": "Unsafe deserialisation of the session cookie",
        "problem": "pickle.loads on what a browser sent lets whoever sends it run code in this process.",
        "recommendation": "Sign the cookie, and read it as JSON.",
    },
}

FIRST_WORDS = {words["title"]: title for title, words in IN_OTHER_WORDS.items()}

EXPORT = '''"""The month's invoices."""

import subprocess


def export(path):
    """Write them to a file."""
    return subprocess.run(f"invoices --to {path}", shell=True, check=True)
'''
CART = '''"""What a customer wants."""


def add(line, lines=[]):
    """One line more."""
    lines.append(line)
    return lines
'''
CART_MENDED = CART.replace("lines=[]", "lines=None").replace(
    "    lines.append", "    lines = [] if lines is None else lines\n    lines.append"
)
SESSION = '''"""Who is logged in."""

import pickle


def session(data):
    """The session in a cookie."""
    return pickle.loads(data)
'''
LETTER = '''"""Letters to customers."""


def filled(template, amount):
    """The letter with the amount in it."""
    return eval(template, {"amount": amount})
'''
MOVED = {
    "import subprocess\n": 'import os\nimport subprocess\n\nFOLDER = os.environ.get("INVOICES", "/srv/invoices")\n',
    "    return subprocess": "    if path:\n        return subprocess",
}
