"""Lists of what there is."""

import json
from pathlib import Path

from orchestra.brief.lenses import all_lenses
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
        print(f"{lens.name:<{width}}  {lens.meaning}")
        if with_text:
            print("\n".join(f"    {line}" for line in lens.body.split("\n")) + "\n")
