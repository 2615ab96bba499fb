"""A job for GitLab CI: every night, or for each merge request."""

import json
import shlex
from pathlib import PurePosixPath

from orchestra.nightly.schedules.schedule import Schedule, ScheduleFile, printable

NIGHT = """\
# .gitlab/@NAME@.yml
# Runs the job `@JOB@` when the pipeline schedule says so.
# Switch it on:
#   .gitlab-ci.yml:            include: [{local: .gitlab/@NAME@.yml}]
#   Build, Pipeline schedules: @MINUTE@ @HOUR@ * * *, with the variable NIGHTLY_JOB = @JOB@
#   Settings, CI/CD, Variables: CODEX_API_KEY, masked and protected
@SANDBOX@
"orchestra:@JOB@":
  image: python:3.13
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule" && $NIGHTLY_JOB == "@JOB@"
  timeout: 6h
  resource_group: "@NAME@"
  variables:
    GIT_DEPTH: "0"
  cache:
    key: "@NAME@"
    when: always
    paths:
      - @RUNS@
  before_script:
@READY@
  script:
    - orchestra nightly @JOB@
@REPORTS@
"""
CHANGE = """\
# .gitlab/@NAME@-change.yml
# Judges each merge request as the job `@JOB@` would.
# Switch it on:
#   .gitlab-ci.yml:            include: [{local: .gitlab/@NAME@-change.yml}]
#   Settings, CI/CD, Variables: CODEX_API_KEY, masked
# Settings, lenses, templates and decisions are those of the branch it goes onto (--base), never those it brings. Who
# may push a branch may change this file in it, too: a merge request of a fork runs in the fork, without your variables.
@SANDBOX@
"orchestra:@JOB@:change":
  image: python:3.13
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  timeout: 2h
  interruptible: true
  variables:
    GIT_DEPTH: "0"
  before_script:
@READY@
    - onto=$CI_MERGE_REQUEST_TARGET_BRANCH_NAME
    - git fetch --quiet origin "+refs/heads/$onto:refs/remotes/origin/$onto"
  script:
    - @REVIEW@
@REPORTS@
"""
SANDBOX = """\
# codex's own sandbox needs user namespaces, which many runners' containers do not have: `orchestra doctor` tells. Where
# the container is sandbox enough for you, say so: variables: ORCHESTRA_SANDBOX: danger-full-access"""
READY = """\
    # -I: the folder it stands in is what is judged, and must lend pip no modules.
    - @INSTALL@
    - begun=$CI_PROJECT_DIR/.git/orchestra-begun
    - touch "$begun"@CD@"""
REPORTS = """\
  # Exit status: 1 the gate, 4 a worker did not answer, 5 the budget; all of them are red.
  after_script:
    - |
      @BACK@begun=$CI_PROJECT_DIR/.git/orchestra-begun
      report=$(find .orchestra/runs -mindepth 2 -maxdepth 2 -name report.json -newer "$begun" | sort | tail -n 1)
      if [ -z "$report" ]; then echo "orchestra wrote no report: see above."; exit 0; fi
      run=$(basename "$(dirname "$report")")
      orchestra report "$run" --format gitlab --out "$CI_PROJECT_DIR/orchestra-codequality.json"
      orchestra report "$run" --format junit --out "$CI_PROJECT_DIR/orchestra-junit.xml"
      orchestra report "$run" --format html --out "$CI_PROJECT_DIR/orchestra.html"
  artifacts:
    when: always
    expire_in: 4 weeks
    paths:
      - orchestra.html
      - @SITE@
    reports:
      codequality: orchestra-codequality.json
      junit: orchestra-junit.xml"""


def gitlab(schedule: Schedule) -> tuple[ScheduleFile, ...]:
    """One file to include. What strangers name comes by variables in quotes, never by its text."""
    folder = PurePosixPath(printable(schedule.folder, "The project's path"))
    install = f"python -I -m pip install --quiet {shlex.quote(printable(schedule.package, 'What pip installs'))}"
    review = f'orchestra {shlex.join(schedule.review or ())} --base "refs/remotes/origin/$onto"'
    enter = f"cd {shlex.quote(str(folder))}"
    parts = {
        "SANDBOX": SANDBOX,
        "READY": READY,
        "REPORTS": REPORTS,
        "INSTALL": json.dumps(install),
        "REVIEW": json.dumps(review),
        "CD": f"\n    - {json.dumps(enter)}" if schedule.folder else "",
        "BACK": f"{enter}\n      " if schedule.folder else "",
        "RUNS": json.dumps(str(folder / ".orchestra/runs")),
        "SITE": json.dumps(str(folder / ".orchestra/site")),
        "NAME": schedule.name,
        "JOB": schedule.job,
        "MINUTE": str(schedule.at.minute),
        "HOUR": str(schedule.at.hour),
    }
    text = NIGHT if schedule.review is None else CHANGE
    for name, value in parts.items():
        text = text.replace(f"@{name}@", value)
    suffix = "" if schedule.review is None else "-change"
    return (ScheduleFile(name=f"{schedule.name}{suffix}.yml", text=text),)
