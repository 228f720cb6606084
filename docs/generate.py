"""Writes docs/fixes/, a page for each fix from its docstring and its first fixture, and the table of
fixes in README.md.

python docs/generate.py writes the pages, --check says which are out of date.
"""

from __future__ import annotations

import re
import sys
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from fixer import registry  # noqa: E402
from fixer.registry import Rule  # noqa: E402

PAGES = ROOT / "docs" / "fixes"
README = ROOT / "README.md"
HEADING = "## Fix safety"
TABLE = re.compile(r"(\| fix \| finds \| safety \|\n\|[- |]+\n)(?:\|.*\n)*")


def page(rule: Rule) -> str:
    """A fix's page: its docstring, with an example before the argument of its safety."""
    first, _, rest = rule.documentation.partition("\n")
    kind = f"{rule.family}, {rule.severity.name.lower()}, {rule.safety.value}"
    body = rest.strip().replace(HEADING, f"## Example\n\n{example(rule)}\n{HEADING}")
    return f"# {rule.name}\n\n{first}\n\n*{kind}*\n\n{body}\n"


def example(rule: Rule) -> str:
    """What the fix does to its first fixture, as a diff of the files that change; what a fix that only
    reports finds something in, as it is."""
    cases = sorted(path.parent for path in (ROOT / "fixtures" / rule.name).glob("*/after"))
    if not cases:
        reported = sorted(path.parent for path in (ROOT / "fixtures" / rule.name).glob("*/options.toml"))
        files = sorted(path for path in (reported[0] / "before").rglob("*.y*ml"))
        return f"```yaml\n{files[0].read_text()}```\n"
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


def table() -> str:
    """The rows of the README's table of fixes."""
    rows = [
        f"| [`{rule.name}`](docs/fixes/{rule.name}.md) | {rule.fix.summary} | {rule.safety.value} |\n"
        for rule in registry.all_rules()
    ]
    return "".join(rows)


def main() -> int:
    """Write the pages, or with --check compare them; gives the exit status."""
    wanted = {f"{rule.name}.md": page(rule) for rule in registry.all_rules()}
    rows = [f"- [{rule.name}]({rule.name}.md): {rule.fix.summary}" for rule in registry.all_rules()]
    wanted["README.md"] = "# The fixes\n\n" + "\n".join(rows) + "\n"
    pages = {PAGES / name: text for name, text in wanted.items()}
    pages[README] = TABLE.sub(lambda found: found[1] + table(), README.read_text())
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        names = [f"{path.relative_to(ROOT)} is out of date" for path in stale]
        print("\n".join(names) or "docs are up to date")
        return 1 if stale else 0
    for path, text in pages.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
