"""Writes docs/fixes/: a page for each fix, from its docstring and its first fixture.

python docs/generate.py writes the pages, --check says which are out of date.
"""

from __future__ import annotations

import sys
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from fixer import registry  # noqa: E402
from fixer.registry import Rule  # noqa: E402

PAGES = ROOT / "docs" / "fixes"
HEADING = "## Fix safety"


def page(rule: Rule) -> str:
    """A fix's page: its docstring, with an example before the argument of its safety."""
    first, _, rest = rule.documentation.partition("\n")
    kind = f"{rule.family}, {rule.severity.name.lower()}, {rule.safety.value}"
    body = rest.strip().replace(HEADING, f"## Example\n\n{example(rule)}\n{HEADING}")
    return f"# {rule.name}\n\n{first}\n\n*{kind}*\n\n{body}\n"


def example(rule: Rule) -> str:
    """What the fix does to its first fixture, as a diff of the files that change."""
    cases = sorted(path.parent for path in (ROOT / "fixtures" / rule.name).glob("*/after"))
    before, after = cases[0] / "before", cases[0] / "after"
    lines: list[str] = []
    for path in sorted(path for path in after.rglob("*") if path.is_file()):
        name = path.relative_to(after)
        old = (
            (before / name).read_text(errors="replace").splitlines() if (before / name).exists() else []
        )
        source = f"a/{name}" if old else "/dev/null"
        lines += unified_diff(
            old, path.read_text(errors="replace").splitlines(), source, f"b/{name}", lineterm=""
        )
    return "```diff\n" + "\n".join(line.rstrip() for line in lines) + "\n```\n"


def main() -> int:
    """Write the pages, or with --check compare them; gives the exit status."""
    wanted = {f"{rule.name}.md": page(rule) for rule in registry.all_rules()}
    rows = [f"- [{rule.name}]({rule.name}.md): {rule.fix.summary}" for rule in registry.all_rules()]
    wanted["README.md"] = "# The fixes\n\n" + "\n".join(rows) + "\n"
    stale = [
        name
        for name, text in wanted.items()
        if not (PAGES / name).exists() or (PAGES / name).read_text() != text
    ]
    if "--check" in sys.argv:
        print("\n".join(f"docs/fixes/{name} is out of date" for name in stale) or "docs are up to date")
        return 1 if stale else 0
    for name, text in wanted.items():
        (PAGES / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
