"""Lists of what there is."""

import json
from pathlib import Path

from orchestra.brief import prompts
from orchestra.brief.lenses import all_lenses
from orchestra.cli.saying import say
from orchestra.reports.plain import plain
from orchestra.settings import project_root


def print_lenses(as_json: bool, with_text: bool) -> None:
    """Every lens with its meaning."""
    found = all_lenses(project_root(Path.cwd()))
    if as_json:
        told = {"schema_version": 1, "lenses": [lens.model_dump(mode="json") for lens in found]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max(len(lens.name) for lens in found)
    for lens in found:
        print(plain(f"{lens.name:<{width}}  {lens.meaning}"))
        if with_text:
            print("\n".join(f"    {plain(line)}" for line in lens.body.split("\n")) + "\n")


def print_templates(as_json: bool) -> None:
    """Every template, and whose it is; one that another wins over says so."""
    found = prompts.everything(project_root(Path.cwd()))
    winners = {(template.kind, template.name): template for template in reversed(found)}
    if as_json:
        told = [{**template.model_dump(mode="json"), "used": template in winners.values()} for template in found]
        print(json.dumps({"schema_version": 1, "templates": told}, indent=2, ensure_ascii=False))
        return
    width = max(len(f"{template.kind}/{template.name}") for template in found)
    for template in found:
        won = "" if template in winners.values() else "  not used: another one wins"
        where = f"  {template.file}" if template.origin != "built in" else ""
        print(plain(f"{f'{template.kind}/{template.name}':<{width}}  {template.origin:<8}{where}{won}".rstrip()))


def print_template(said: str) -> None:
    """The text of the template that is used here."""
    template = prompts.named(said, project_root(Path.cwd()))
    say(f"{template.kind}/{template.name}, {template.origin}: {template.file}")
    print(plain(template.text, lines=True), end="")
