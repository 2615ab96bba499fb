"""What kinds of worker there are: each function returns the ask of one role."""

from orchestra.brief.ask import Ask
from orchestra.brief.lenses import Lens
from orchestra.brief.prompts import Prompt
from orchestra.brief.target import Section
from orchestra.findings.finding import ReviewMessage


def reviewer(section: Section, lens: Lens) -> Ask[ReviewMessage]:
    """Reads a section through a lens and reports findings."""
    return Ask(
        role="reviewer",
        prompt=Prompt(
            template="reviewer",
            variables={
                "files": [{"path": file.path, "lines": file.lines} for file in section.files],
                "lens": lens.name.upper().replace("+", " AND "),
                "lens_body": lens.body,
            },
        ),
        title=lens.name,
        lens=lens.name,
        section=section,
        answer=ReviewMessage,
    )
