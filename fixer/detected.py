"""A finding with the rule that made it, as the engine carries it about."""

from __future__ import annotations

from typing import NamedTuple

from fixer.finding import Finding, Safety
from fixer.identity import Identity, identity
from fixer.registry import Rule


class Detected(NamedTuple):
    """What a rule found."""

    rule: Rule
    finding: Finding
    waits: bool = False
    """For another repair of the same file, which is no YAML before that."""

    @property
    def identity(self) -> Identity:
        """What tells it from others although lines move."""
        return identity(self.rule.name, self.finding.place.path, self.finding.message)

    @property
    def safety(self) -> Safety:
        """Who may apply its changes; a person where it has none."""
        if not self.finding.changes:
            return Safety.MANUAL
        return self.finding.safety or self.rule.safety
