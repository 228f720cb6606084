"""What in a file is text, in which something that looks like a comment is none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from fixer.documents.yaml.tree import Mapping, Scalar, YamlDocument, YamlSyntaxError

YAML = re.compile(r"\.ya?ml\Z")
ENVIRONMENT = re.compile(r"(^|/)[^/]*\.env(\.[^/]*)?\Z")
DOCKERFILE = re.compile(r"(?i)(^|/)[^/]*(dockerfile|containerfile)[^/]*\Z")
REDIS = re.compile(r"(?i)(^|/)[^/]*(redis|valkey|sentinel)[^/]*\.conf\Z")
CONFIGURATION = re.compile(r"(?i)\.(conf|ini|cfg|cnf|toml)\Z")


class Language(NamedTuple):
    """What a file's own language says of a place in it: whether that is text, None where this is not
    known but comments are what they look like. A comment `may_go` where what is read does not depend on
    its text; where a line starts in `needed`, it depends on that there is a comment."""

    is_text: Callable[[int], bool] | None
    may_go: bool = False
    needed: frozenset[int] = frozenset()


def language(path: str, content: bytes) -> Language | None:
    """Give what is known of a file: None where its kind is not, or where it is broken."""
    for pattern, read in KINDS:
        if re.search(pattern, path):
            return read(content)
    return None


def _yaml(content: bytes) -> Language | None:
    try:
        document = YamlDocument(content)
    except YamlSyntaxError:
        return None
    source, spans, needed = document.source, list[tuple[int, int]](), set[int]()
    for node in document.walk():
        scalars = [node, *(each.key for each in node.entries)] if isinstance(node, Mapping) else [node]
        for scalar in (each for each in scalars if isinstance(each, Scalar)):
            start = scalar.start
            if scalar.style in ("|", ">"):
                # Behind the sign that such a text begins with a comment can stand.
                start = source.line_end(start)
                if "+" in source.text[scalar.start : start].split("#")[0]:
                    # It has all the empty lines up to the next comment, which keeps it from more.
                    needed.add(scalar.end)
            spans.append((start, scalar.end))
    return Language(_within(spans), True, frozenset(needed))


def _dockerfile(content: bytes) -> Language | None:
    from fixer.documents.dockerfile import DIRECTIVE, DockerfileDocument, DockerfileSyntaxError

    try:
        document = DockerfileDocument(content)
    except DockerfileSyntaxError:
        # It may be the comment that makes it none.
        return Language(None)
    # Below a comment a directive is another one.
    lines = list(document.source.lines())
    needed = {start for (start, _), (_, below) in pairwise(lines) if re.match(DIRECTIVE, below)}
    return Language(_within(document.heredocs), True, frozenset(needed))


def _environment(content: bytes) -> Language | None:
    from fixer.documents.dotenv import DotenvDocument

    document = DotenvDocument(content)
    return Language(_within(document.quoted), True) if document.is_readable else None


def _redis(_: bytes) -> Language:
    return Language(None, True)


def _shell(content: bytes) -> Language | None:
    from fixer.documents.shell import ShellScript

    script = ShellScript(content)
    return Language(lambda at: not script.is_comment(at)) if script.is_readable else None


def _python(content: bytes) -> Language | None:
    from io import BytesIO
    from tokenize import COMMENT, TokenError, tokenize

    from fixer.documents.source import Source

    starts = Source(content).line_starts
    try:
        tokens = [each for each in tokenize(BytesIO(content).readline) if each.type == COMMENT]
    except (TokenError, SyntaxError, UnicodeError):
        return None
    places = ((starts[each.start[0] - 1] + each.start[1], len(each.string)) for each in tokens)
    is_comment = _within((start, start + length) for start, length in places)
    return Language(lambda at: not is_comment(at))


def _sql(content: bytes) -> Language | None:
    from sqlglot.dialects.postgres import Postgres
    from sqlglot.errors import TokenError

    from fixer.documents.source import Source

    try:
        tokens = Postgres().tokenize(Source(content).text)
    except TokenError:
        return None
    return Language(_within((each.start, each.end + 1) for each in tokens))


def _configuration(_: bytes) -> Language:
    return Language(None)


KINDS: tuple[tuple[re.Pattern[str], Callable[[bytes], Language | None]], ...] = (
    (YAML, _yaml),
    (DOCKERFILE, _dockerfile),
    (ENVIRONMENT, _environment),
    (REDIS, _redis),
    (re.compile(r"\.(sh|bash)\Z"), _shell),
    (re.compile(r"\.py\Z"), _python),
    (re.compile(r"\.sql\Z"), _sql),
    (CONFIGURATION, _configuration),
)


def _within(spans: Iterable[tuple[int, int]]) -> Callable[[int], bool]:
    """Whether an offset lies in one of the spans, of which none overlap."""
    ordered = sorted(spans)
    starts = [start for start, _ in ordered]

    def holds(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < ordered[index][1]

    return holds
