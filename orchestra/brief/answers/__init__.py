"""What each role answers; a reviewer's answer is `ReviewMessage` in `findings/finding.py`.

The fields of an answer are the OUTPUT list of its role's template, which a test compares. A stand-in model knows the
role by the title of the answer's schema, which is the name of the class.
"""

from orchestra.brief.answers.curator import Consistency, Curation, SectionWork
from orchestra.brief.answers.implementer import Fixes, Implementation
from orchestra.brief.answers.proposer import Option, Scores
from orchestra.brief.answers.researcher import ResearchBrief, ResearchNotes
from orchestra.brief.answers.scout import ScoutMap
from orchestra.brief.answers.verifier import Refutations, Verdict

__all__ = [
    "Consistency",
    "Curation",
    "Fixes",
    "Implementation",
    "Option",
    "Refutations",
    "ResearchBrief",
    "ResearchNotes",
    "Scores",
    "ScoutMap",
    "SectionWork",
    "Verdict",
]
