"""How programs in other languages than Python read a variable, and a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.documents.source import Source
from fixer.place import Place
from fixer.stack import Service

MOST_FILES = 2000
"""Files of one service that are looked at."""

NO_APPLICATION = (
    r"(?i)(^|/)(tests?|specs?|__tests__|node_modules|vendor|dist|build|target|bin|obj|docs?|examples?)/"
    r"|[._](test|spec)\.\w+\Z|\.min\.js\Z|\.d\.ts\Z"
)


class Language(NamedTuple):
    """A language: the ends of its files' names, how code reads the variable NAME (a pattern), and the
    line that reads the file which NAME_FILE names, else the variable."""

    suffixes: tuple[str, ...]
    read: str
    line: str


LANGUAGES = (
    Language(
        (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx"),
        r"""process\.env(\.NAME\b|\[["'`]NAME["'`]\])""",
        'process.env.NAME_FILE ? require("node:fs").readFileSync(process.env.NAME_FILE, "utf8").trim()'
        " : process.env.NAME",
    ),
    Language(
        (".go",),
        r"""os\.(Getenv|LookupEnv)\(["`]NAME["`]\)""",
        'value := os.Getenv("NAME"); if path := os.Getenv("NAME_FILE"); path != "" { data, err :='
        " os.ReadFile(path); if err != nil { log.Fatal(err) }; value ="
        " strings.TrimSpace(string(data)) }",
    ),
    Language(
        (".rb",),
        r"""ENV(\[|\.fetch\(\s*)["']NAME["']""",
        'ENV["NAME_FILE"] ? File.read(ENV["NAME_FILE"]).strip : ENV["NAME"]',
    ),
    Language(
        (".php",),
        r"""getenv\(["']NAME["']|\$_(ENV|SERVER)\[["']NAME["']\]|\benv\(["']NAME["']""",
        "getenv('NAME_FILE') ? trim(file_get_contents(getenv('NAME_FILE'))) : getenv('NAME')",
    ),
    Language(
        (".java", ".kt"),
        r"""System\.getenv\("NAME"\)""",
        'System.getenv("NAME_FILE") != null'
        ' ? Files.readString(Path.of(System.getenv("NAME_FILE"))).strip() : System.getenv("NAME")',
    ),
    Language(
        (".cs",),
        r"""Environment\.GetEnvironmentVariable\("NAME"\)""",
        'Environment.GetEnvironmentVariable("NAME_FILE") is { } path ? File.ReadAllText(path).Trim()'
        ' : Environment.GetEnvironmentVariable("NAME")',
    ),
)


class Read(NamedTuple):
    """A line of code that reads a variable, and the expression to write instead."""

    place: Place
    line: str


def reads(service: Service, name: str) -> Iterator[Read]:
    """Yield where the code of a service's build context reads a variable. Nothing where it names the
    variable's file already."""
    build, repository = service.build, service.stack.repository
    if build is None or build.context is None:
        return
    suffixes = tuple(each for language in LANGUAGES for each in language.suffixes)
    paths = [path for path in repository.below(build.context) if path.endswith(suffixes)]
    own = [path for path in paths if not re.search(NO_APPLICATION, path.removeprefix(build.context))]
    found: list[Read] = []
    for path in own[:MOST_FILES]:
        content = repository.searchable(path) or b""
        if f"{name}_FILE".encode() in content:
            return
        if name.encode() in content:
            language = next(each for each in LANGUAGES if path.endswith(each.suffixes))
            source = Source(content)
            for match in re.finditer(language.read.replace("NAME", re.escape(name)), source.text):
                place = Place(path, source.position(match.start()))
                found.append(Read(place, language.line.replace("NAME", name)))
    yield from found
