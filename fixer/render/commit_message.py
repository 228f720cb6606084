"""The messages of the fix branch's commits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fixer import registry
from fixer.plan import Step
from fixer.render.terminal import printable
from fixer.wording import counted

TRAILER = "Dockfix-Fix"
"""The trailer that says which fix a commit holds."""

WIDTH = 72
MOST_FINDINGS = 20
LONGEST_TEXT = 300
"""Characters of a finding, which may repeat a value of a file, and of what is wrong."""

SAFE = "This commit makes safe changes only."
UNSAFE = "This commit is unsafe: running containers behave differently."

REFERENCE = re.compile(r"(?<!\w)@(?=\w)|#(?=\d)|(?<=\bGH-)(?=\d)")
"""What makes a forge tell somebody, or close an issue."""

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
"""What stands between two sentences."""

MESSAGE = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<text>.*)", re.DOTALL)


class Said(NamedTuple):
    """One finding of a step: the file, the line, the place as `file:line:column`, and what it says. All
    but the last are empty where the message is about no place."""

    path: str
    line: str
    place: str
    text: str


def render(step: Step) -> str:
    """Give the message of the commit that holds one step."""
    told = sections(step.fix)
    done = [_filled(each) for each in _leading(told, "What dockfix does")]
    parts = [
        _subject(step),
        *_found(step, told, MOST_FINDINGS),
        *map(_filled, map(_brief, told.get("What is wrong", [])[:1])),
        *(["What dockfix does about it:", *done] if done else []),
        *map(_filled, _safety(step, told)),
        _way_back(step.fix),
        f"{TRAILER}: {step.fix}",
    ]
    return "\n\n".join(parts) + "\n"


def render_all(steps: Sequence[Step]) -> str:
    """Give the message of a commit that holds several steps."""
    if len(steps) == 1:
        return render(steps[0])
    fixes = list(dict.fromkeys(step.fix for step in steps))
    count = sum(len(step.messages) for step in steps)
    parts = [f"Fix {count} findings of {len(fixes)} kinds in the Docker stack"]
    most = max(3, MOST_FINDINGS // len(steps))
    for step in steps:
        heading = f"{step.fix}{' (unsafe)' if step.unsafe else ''}"
        told = sections(step.fix)
        parts += [f"{heading}\n{'-' * len(heading)}", *_found(step, told, most)]
        parts += map(_filled, _safety(step, told))
    trailers = "\n".join(f"{TRAILER}: {fix}" for fix in fixes)
    return "\n\n".join([*parts, _way_back(), trailers]) + "\n"


def said(message: str) -> Said:
    """Take a step's message apart."""
    found = MESSAGE.fullmatch(message)
    if found is None:
        return Said("", "", "", message)
    path, line, column, text = found.groups()
    return Said(path, line, f"{path}:{line}:{column}", text)


def sections(fix: str) -> dict[str, list[str]]:
    """Give the paragraphs of a fix's documentation by their headings; the first has none."""
    rule = next((rule for rule in registry.all_rules() if rule.name == fix), None)
    parts = re.split(r"^## (.+)$", rule.documentation if rule else "", flags=re.MULTILINE)
    headings = ["", *parts[1::2]]
    return {
        heading: [each for each in re.split(r"\n\s*\n", text.strip("\n")) if each.strip()]
        for heading, text in zip(headings, parts[::2], strict=True)
    }


def _subject(step: Step) -> str:
    """One line that says which fix, and where as well as there is room for it."""
    counts = Counter(path for each in step.messages if (path := said(each).path))
    paths = [path for path, _ in counts.most_common()] or [change.path for change in step.changes]
    if not paths:
        return f"Fix {step.fix}"[:WIDTH]
    first, others = _plain(paths[0]), len(paths) - 1
    more = f" and {counted(others, 'other file')}" if others else ""
    parts = first.split("/")
    tails = ["/".join(["…", *parts[count:]]) for count in range(1, len(parts))]
    subjects = [f"Fix {step.fix} in {name}{more}" for name in (first, *tails)]
    subjects += [f"Fix {step.fix} in {len(paths)} file{'s' if others else ''}", f"Fix {step.fix}"]
    return next((each for each in subjects if len(each) <= WIDTH), subjects[-1][:WIDTH])


def _found(step: Step, told: Mapping[str, Sequence[str]], most: int) -> Iterator[str]:
    """What the fix is about, and where it found that."""
    yield from map(_filled, told[""][:1])
    if step.messages:
        yield _findings(step.messages, most)


def _safety(step: Step, told: Mapping[str, Sequence[str]]) -> list[str]:
    """Whether what the step does is safe, and why. The documentation argues every case of the fix, so
    what this one is comes first where it does not say one thing only."""
    argued = told.get("Fix safety", [])[:1]
    if step.unsafe:
        return [*([] if "".join(argued).startswith("Unsafe:") else [UNSAFE]), *argued]
    first = SENTENCE.split(" ".join("".join(argued).split()))[0]
    return [first] if first.startswith("Safe") and "nsafe" not in first else [SAFE]


def _brief(paragraph: str) -> str:
    """The first sentences of a paragraph, as many as are soon read."""
    sentences = SENTENCE.split(" ".join(paragraph.split()))
    kept = sentences[:1]
    for each in sentences[1:]:
        if len(" ".join([*kept, each])) > LONGEST_TEXT:
            break
        kept.append(each)
    return " ".join(kept)


def _leading(told: Mapping[str, Sequence[str]], heading: str) -> list[str]:
    """The first paragraph of a section, with the list that it announces."""
    paragraphs = told.get(heading, [])
    is_announcing = bool(paragraphs) and paragraphs[0].rstrip().endswith(":")
    return list(paragraphs[: 2 if is_announcing else 1])


def _findings(messages: Sequence[str], most: int) -> str:
    """What was found where, by file."""
    lines: list[str] = []
    for each in map(said, messages[:most]):
        text = each.text if len(each.text) <= LONGEST_TEXT else f"{each.text[:LONGEST_TEXT]}…"
        lines += [f"- {_plain(each.place)}"] if each.place else []
        lines.append(_wrapped(_plain(" ".join(text.split())), "  " if each.place else "- ", "  "))
    if len(messages) > most:
        lines.append(f"- and {len(messages) - most} more")
    return "\n".join(lines)


def _way_back(fix: str = "NAME") -> str:
    return _wrapped(
        "`git revert` of this commit takes it back. So that dockfix does not make it again, write"
        f" `# dockfix: ignore[{fix}] reason` on the line that it is about, or above."
    )


def _filled(paragraph: str) -> str:
    """A paragraph or list of the documentation in lines of a message's width."""
    items = re.split(r"^(?=- )", paragraph, flags=re.MULTILINE)
    texts = [" ".join(item.split()) for item in items if item.strip()]
    return "\n".join(_wrapped(text, "", "  " if text.startswith("- ") else "") for text in texts)


def _plain(text: str) -> str:
    """A text from the repository, of which nothing steers a terminal or calls anybody."""
    return REFERENCE.sub(lambda found: f"{found[0]} ", printable(text))


def _wrapped(text: str, first: str = "", others: str = "") -> str:
    from textwrap import fill

    return fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
