"""A workflow for GitHub Actions: every night, or for each pull request."""

import json
import shlex
from pathlib import PurePosixPath

from orchestra.errors import UsageError
from orchestra.nightly.schedules.schedule import Schedule, ScheduleFile, printable

NIGHT = """\
# .github/workflows/@NAME@.yml
# Runs the job `@JOB@` every night at @AT@ UTC, and whenever you start it by hand.
# Switch it on: commit this file to the default branch, and add the secret OPENAI_API_KEY (Settings, Secrets, Actions).
# Try it: gh workflow run @NAME@.yml
@PINS@
name: "orchestra @JOB@"
on:
  schedule:
    - cron: "@MINUTE@ @HOUR@ * * *"
  workflow_dispatch:
permissions: {}
concurrency:
  group: "@NAME@"
  cancel-in-progress: false
jobs:
  orchestra:
    runs-on: ubuntu-latest
    timeout-minutes: 350
    permissions:
      contents: read
      security-events: write # for the SARIF report; in a private repository it needs Code Security
@WHERE@    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0
          persist-credentials: false
@READY@
      # A night that ends red is kept as well: that is why this is not one step with the saving below.
      - name: Bring back what earlier nights know
        uses: actions/cache/restore@v5
        with:
          path: @RUNS@
          key: "@NAME@-${{ github.run_id }}-${{ github.run_attempt }}"
          restore-keys: "@NAME@-"
      - name: Run the job
        env:
          CODEX_API_KEY: ${{ secrets.OPENAI_API_KEY }}
        run: |
          touch "$RUNNER_TEMP/begun"
          orchestra nightly @JOB@
@REPORTS@
      - name: Keep what this night knows
        if: always()
        uses: actions/cache/save@v5
        with:
          path: @RUNS@
          key: "@NAME@-${{ github.run_id }}-${{ github.run_attempt }}"
      - name: Keep the pages
        if: always()
        uses: actions/upload-artifact@v6
        with:
          name: "@NAME@"
          path: |
            @SITE@
            ${{ runner.temp }}/orchestra.html
          include-hidden-files: true
          if-no-files-found: ignore
          retention-days: 30
"""
CHANGE = """\
# .github/workflows/@NAME@-change.yml
# Judges each pull request as the job `@JOB@` would.
# Switch it on: commit this file to the default branch, and add the secret OPENAI_API_KEY (Settings, Secrets, Actions).
# Settings, lenses, templates and decisions are those of the branch it goes onto (--base), never those it brings. Who
# may push a branch to this repository may change this very file in it, too.
@PINS@
name: "orchestra @JOB@: change"
on:
  pull_request:
permissions: {}
concurrency:
  group: "@NAME@-${{ github.event.pull_request.number }}"
  cancel-in-progress: true
jobs:
  orchestra:
    # What comes from a fork or from Dependabot is given no secrets, and never should be.
    if: >-
      github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    permissions:
      contents: read
      security-events: write # for the SARIF report; in a private repository it needs Code Security
@WHERE@    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0 # --base needs the commit the change goes onto
          persist-credentials: false
@READY@
      - name: Judge the change
        env:
          CODEX_API_KEY: ${{ secrets.OPENAI_API_KEY }}
        run: |
          touch "$RUNNER_TEMP/begun"
          orchestra @REVIEW@ --base "refs/remotes/origin/$GITHUB_BASE_REF"
@REPORTS@
      - name: Keep the page
        if: always()
        uses: actions/upload-artifact@v6
        with:
          name: "@NAME@"
          path: ${{ runner.temp }}/orchestra.html
          if-no-files-found: ignore
          retention-days: 30
"""
PINS = """\
# Actions are named by their major version. Whoever wants what was read and nothing else names a commit instead:
# actions/checkout@<40 hex digits> # v6"""
READY = """\
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      # -I: the folder it stands in is what is judged, and must lend pip no modules.
      - name: Install orchestra and codex
        run: python -I -m pip install --quiet --disable-pip-version-check @PACKAGE@
      - name: Let codex make its sandbox
        if: runner.environment == 'github-hosted'
        run: sudo sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0"""
REPORTS = """\
      # Exit status of the step above: 1 the gate, 4 a worker did not answer, 5 the budget; all of them are red.
      - name: Write the reports
        id: reports
        if: always()
        run: |
          begun=$RUNNER_TEMP/begun
          report=$(find .orchestra/runs -mindepth 2 -maxdepth 2 -name report.json -newer "$begun" | sort | tail -n 1)
          if [ -z "$report" ]; then
            echo "orchestra wrote no report: the step before says why." | tee -a "$GITHUB_STEP_SUMMARY"
            exit 0
          fi
          run=$(basename "$(dirname "$report")")
          orchestra report "$run" --format html --out "$RUNNER_TEMP/orchestra.html"
          orchestra report "$run" --format sarif --out "$RUNNER_TEMP/orchestra.sarif"
          orchestra report "$run" --format markdown --out "$RUNNER_TEMP/orchestra.md"
          head -c 1000000 "$RUNNER_TEMP/orchestra.md" >> "$GITHUB_STEP_SUMMARY"
          orchestra report "$run" --format github
          echo "written=yes" >> "$GITHUB_OUTPUT"
      - name: Show the findings under Security
        if: always() && steps.reports.outputs.written == 'yes'
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: ${{ runner.temp }}/orchestra.sarif
          category: "@NAME@\""""


def github(schedule: Schedule) -> tuple[ScheduleFile, ...]:
    """One workflow. Nothing a stranger can name stands in a `run:`; what is secret stands in one step's `env:` only."""
    folder = PurePosixPath(printable(schedule.folder, "The project's path"))
    where = (
        f"    defaults:\n      run:\n        working-directory: {json.dumps(str(folder))}\n" if schedule.folder else ""
    )
    parts = {
        "PINS": PINS,
        "READY": READY,
        "REPORTS": REPORTS,
        "WHERE": where,
        "RUNS": json.dumps(str(folder / ".orchestra/runs")),
        "SITE": str(folder / ".orchestra/site"),
        "PACKAGE": shlex.quote(printable(schedule.package, "What pip installs")),
        "REVIEW": shlex.join(schedule.review or ()),
        "NAME": schedule.name,
        "JOB": schedule.job,
        "AT": f"{schedule.at:%H:%M}",
        "MINUTE": str(schedule.at.minute),
        "HOUR": str(schedule.at.hour),
    }
    for value in (parts["REVIEW"], parts["PACKAGE"], str(folder)):
        if "${{" in value:
            raise UsageError(
                f"GitHub would put something else in the place of `${{{{`, which stands in {value}.",
                next_step="Say it without.",
            )
    text = NIGHT if schedule.review is None else CHANGE
    for name, value in parts.items():
        text = text.replace(f"@{name}@", value)
    suffix = "" if schedule.review is None else "-change"
    return (ScheduleFile(name=f"{schedule.name}{suffix}.yml", text=text),)
