"""One run: what fixes detect is told, and what may be repaired is planned in passes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from fixer.detected import Detected
from fixer.detecting import Detection
from fixer.documents.source import Position
from fixer.finding import Safety
from fixer.identity import Identity, shortened
from fixer.options import Options
from fixer.place import Place, Problem
from fixer.plan import Plan, Step
from fixer.progress import Progress, untold
from fixer.registry import Rule
from fixer.report import Report, Reported
from fixer.stack import Repository

MAXIMUM_PASSES = 30
"""A plan that still changes after so many passes is a bug: two fixes undo each other."""

MAXIMUM_REPEATS = 5
"""How often a family's rules run on what they left themselves, before the next family does."""


def check(
    repository: Repository,
    paths: Sequence[str],
    options: Options,
    files: Sequence[str] = (),
    fix: bool = False,
    progress: Progress = untold,
) -> Report:
    """Look at the stacks below `paths`, or at the one made of the Compose files `files`.

    With `fix`, the report's plan holds the safe changes, and the unsafe ones if the options say so.
    """
    detection = Detection(repository, paths, options, files, progress)
    run = _Run(detection)
    stacks, files_read = detection.members, detection.files_read
    services = detection.services
    found = detection.detect_all()
    if not fix:
        findings = tuple(run.reported(each, fixed=False) for each in found)
        plan = Plan(str(repository.root), ())
    else:
        plan = run.plan()
        # A file that was no YAML is a stack now.
        stacks = {**detection.members, **stacks}
        left = detection.detect_all()
        findings = tuple(run.reported(each, fixed) for each, fixed in _compared(found, left))
    rotation = None
    if options.rotate:
        from fixer.rotation import rotated

        rotation = rotated(plan, detection.repository, detection.stacks)
        plan = rotation.plan
    order = sorted(findings, key=lambda each: (each.finding.place, each.fix, each.finding.message))
    problems = dict.fromkeys([*detection.unread(), *detection.problems])
    return Report(
        tuple(order),
        tuple(problems),
        plan,
        files_read,
        stacks,
        rotation=rotation,
        services=services,
        left_out=dict(detection.filter.left_out),
        gone=detection.gone(),
    )


def _compared(found: Sequence[Detected], left: Sequence[Detected]) -> list[tuple[Detected, bool]]:
    """What was found before and what is left after, each with whether it was fixed. Of those that
    cannot be told apart as many were as are missing, those that have changes first; of the others
    what is left of them is told."""
    remaining: dict[Identity, list[Detected]] = {}
    for each in left:
        remaining.setdefault(each.identity, []).append(each)
    compared: list[tuple[Detected, bool]] = []
    for each in sorted(found, key=lambda each: bool(each.finding.changes)):
        still = remaining.get(each.identity)
        compared.append((still.pop(0), False) if still else (each, True))
    return [*compared, *((each, False) for still in remaining.values() for each in still)]


class _Run:
    """The plan of one run, made in passes, and what became of each finding."""

    def __init__(self, detection: Detection) -> None:
        self.detection = detection
        self.refused: dict[Identity, str] = {}

    def plan(self) -> Plan:
        """Run every rule on what the rules before it left, until a whole pass changes nothing."""
        root, original = str(self.detection.repository.root), self.detection.repository
        steps: list[Step] = []
        families = [tuple(rules) for _, rules in groupby(self.detection.rules, lambda rule: rule.family)]
        for _ in range(MAXIMUM_PASSES):
            before = len(steps)
            self.detection.filter.forget()
            for rules in families:
                # Families build on one another: what Compose cannot read is in its place before the
                # others look at it.
                for _ in range(MAXIMUM_REPEATS):
                    if not self._pass(rules, steps):
                        break
            # Which comments ignore nothing is known once every rule has looked at what is left.
            if len(steps) == before and not self._reviews(steps):
                return Plan(root, tuple(steps))
        place = Place(steps[-1].changes[0].path, Position(1, 1))
        message = f"the fixes do not settle: {', '.join(step.fix for step in steps[before:])}"
        self.detection.problems.append(Problem(place, message, internal=True))
        self.detection.go_on(original)
        return Plan(root, ())

    def _pass(self, rules: Sequence[Rule], steps: list[Step]) -> bool:
        """Run rules one after the other on what those before left. Say whether any did something."""
        before = len(steps)
        for rule in rules:
            self.detection.progress("Repairing", rule.name)
            # What did not go together is made at once, so that a fix is one commit.
            for _ in range(MAXIMUM_REPEATS):
                if not self._carry_out(rule, self.detection.detect(rule), steps):
                    break
        return len(steps) > before

    def _reviews(self, steps: list[Step]) -> bool:
        return any(
            self._carry_out(rule, self.detection.review(rule), steps) for rule in self.detection.rules
        )

    def _carry_out(self, rule: Rule, found: Sequence[Detected], steps: list[Step]) -> bool:
        """Make the changes of what a rule found. Say whether there were any."""
        wanted = [each for each in found if self._is_wanted(each) and each.identity not in self.refused]
        step = self._make(rule, wanted) if wanted else None
        if step is None:
            return False
        steps.append(step)
        states = {change.path: change.after for change in step.changes}
        self.detection.go_on(self.detection.repository.with_changes(states))
        return True

    def _make(self, rule: Rule, found: Sequence[Detected]) -> Step | None:
        # Planning brings the editing of documents along, which a check alone does not need.
        from fixer.planning import plan_fix

        outcome = plan_fix(self.detection.repository, rule.name, [each.finding for each in found])
        for finding, reason in (*outcome.refused, *outcome.bugs):
            self.refused[Detected(rule, finding).identity] = reason
        self.detection.problems += [
            Problem(finding.place, f"{rule.name} is dropped here: {reason}", internal=True)
            for finding, reason in outcome.bugs
        ]
        unsafe = any(each.safety is Safety.UNSAFE for each in found)
        return outcome.step._replace(unsafe=unsafe) if outcome.step else None

    def _is_wanted(self, detected: Detected) -> bool:
        if detected.waits:
            return False
        if detected.safety is Safety.UNSAFE:
            return self.detection.options.unsafe
        return detected.safety is Safety.SAFE

    def reported(self, detected: Detected, fixed: bool) -> Reported:
        rule, finding = detected.rule, detected.finding
        safety = detected.safety
        reason = self.refused.get(detected.identity, "")
        if fixed:
            outcome = "fixed"
        elif reason:
            outcome = "dropped"
        else:
            outcome = {Safety.SAFE: "fixable", Safety.UNSAFE: "unsafe", Safety.MANUAL: "manual"}[safety]
        chosen = self.detection.options.severities
        severity = chosen.get(rule.name) or finding.severity or rule.severity
        finding = finding._replace(message=shortened(finding.message))
        if detected.waits:
            # Its edits are of the text that the repairs before it leave.
            finding = finding._replace(changes=())
        exposed = rule.fix.exposed
        return Reported(rule.name, rule.family, severity, safety, finding, outcome, reason, exposed)
