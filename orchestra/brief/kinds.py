"""What a file is, by its name: something to read, something to run, something to set up with."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds that are looked at differently."""

    CODE = "code"
    DOCUMENT = "document"
    CONFIGURATION = "configuration"


# fmt: off
_DOCUMENTS = {
    ".md", ".markdown", ".mdx", ".rst", ".txt", ".text", ".tex", ".ltx", ".bib", ".adoc", ".asciidoc", ".org",
    ".html", ".htm", ".xhtml", ".typ", ".rtf", ".srt",
}
_DOCUMENT_NAMES = {
    "readme", "license", "licence", "copying", "authors", "contributing", "changelog", "notice", "todo",
}
_CONFIGURATION = {
    ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".cnf", ".tf", ".tfvars", ".hcl", ".json", ".json5",
    ".jsonc", ".properties", ".env", ".service", ".socket", ".timer", ".nix", ".dockerfile", ".containerfile",
    ".xml", ".plist", ".gradle", ".cmake", ".rego", ".bicep", ".desktop", ".rules",
}
_CONFIGURATION_NAMES = {
    "dockerfile", "containerfile", "makefile", "jenkinsfile", "vagrantfile", "procfile", "caddyfile",
    "codeowners", ".gitignore", ".gitattributes", ".dockerignore", ".editorconfig", ".npmrc", ".env", "crontab",
    "requirements.txt",
}
_LOCK_FILES = {
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "poetry.lock",
    "pdm.lock", "uv.lock", "pipfile.lock", "cargo.lock", "composer.lock", "gemfile.lock", "go.sum",
    "flake.lock", "mix.lock", "podfile.lock", "pubspec.lock", "packages.lock.json", "gradle.lockfile",
    ".terraform.lock.hcl",
}
# fmt: on
_MINIFIED = (".min.js", ".min.css", ".min.mjs")
_SOURCE_MAPS = (".js.map", ".css.map", ".mjs.map")


def kind(path: str) -> Kind:
    """The kind of a file; what is not known is code."""
    name = path.rsplit("/", 1)[-1].lower()
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if stem else ""
    if name in _CONFIGURATION_NAMES or name.startswith(("dockerfile.", ".env.")) or ending in _CONFIGURATION:
        return Kind.CONFIGURATION
    if ending in _DOCUMENTS or (stem if ending else name) in _DOCUMENT_NAMES:
        return Kind.DOCUMENT
    return Kind.CODE


def written_by_tools(path: str) -> str | None:
    """Which tool's output a file is, by its name: nobody reviews it, and it is long."""
    name = path.rsplit("/", 1)[-1].lower()
    if name in _LOCK_FILES:
        return "a lock file"
    if name.endswith(_MINIFIED):
        return "minified"
    return "a source map" if name.endswith(_SOURCE_MAPS) else None
