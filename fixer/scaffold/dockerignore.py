"""What a build's context holds and its images must not: the text of a `.dockerignore`.

Of what git shows, it leaves out secrets and what describes the stack; all else that it leaves out is
in no fresh clone, so that images are built from the same files everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from fixer.documents.dockerignore import IgnoreFile
from fixer.documents.dotenv import DotenvDocument
from fixer.scaffold.context import BuildContext, commands, takes_all
from fixer.scaffold.history import reads_git
from fixer.secret_names import PUBLIC, is_secret_name
from fixer.stack import Repository
from fixer.stack.merging import join

NAME = ".dockerignore"

ENVIRONMENT = r"(?i)(^|/)(\.env(\.(?!d\.ts\Z)[\w.-]+)?|[\w.-]+\.env)\Z"
EXAMPLE = r"(?i)[._-](examples?|sample|template|tpl|dist|defaults?|schema)(\.|\Z)|^(example|sample)\."
KEY = r"(?i)(^|/)(id_(rsa|dsa|ecdsa|ed25519)|[^/]+\.(pem|key|p12|pfx|jks|keystore))\Z"
PRIVATE = r"-----BEGIN (\w+ )*PRIVATE KEY-----"
FOR_TESTS = r"(?i)(^|/)(tests?|__tests__|testdata|fixtures?|specs?|examples?)/"

FRONTEND = (
    r'"(vite|next|nuxt|react-scripts|astro|gatsby|@sveltejs/kit|@vue/cli-service|@angular/cli)"\s*:'
)
"""What reads `.env` files when pages are built, as the manifests name it."""

READS_DEFAULTS = r'"(symfony/dotenv|symfony/framework-bundle)"\s*:'
"""What does not start without the `.env` that its repository has."""

INSTALLED = {
    "node_modules": (r"\b(npm|yarn|pnpm|bun)\b", r"(?mi)^FROM\s.*\b(node|bun)\b", "package.json"),
    "vendor": (r"\bcomposer\b", r"(?mi)^FROM\s.*\bphp\b", "composer.json"),
    "deps": (r"\bmix\b", "", "mix.exs"),
    "_build": (r"\bmix\b", "", "mix.exs"),
    ".venv": ("", "", "*.py"),
    "venv": ("", "", "*.py"),
    "__pycache__": ("", "", "*.py"),
}
"""Folders of libraries, the program that must run in the build for them to be there anew, what tells a
Dockerfile whose image needs them, and the files that they belong to."""

ALWAYS = ("node_modules", "__pycache__")
"""Those that are there as soon as someone works on the sources."""

BUILT = ("dist", "build", "out", "target", "bin", "obj", ".next", ".nuxt", ".output", ".svelte-kit")
BUILDS = (
    r"\b(npm|yarn|pnpm|bun|turbo|nx|vite|next)\b[^&|;\n]*\bbuild\b"
    r"|\b(cargo|mvnw?|gradlew?|dotnet|make)\b"
)
"""Folders that a build makes, and what a Dockerfile that makes them itself runs."""

LEFT_BEHIND = {
    "*.py": ("*.egg-info", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".coverage",
             "htmlcov"),
    "package.json": ("coverage", ".nyc_output", ".turbo", ".parcel-cache", ".eslintcache"),
    "*.gradle*": (".gradle",),
    "*": (".terraform", ".idea", ".vscode", ".vs", ".DS_Store", "*.log", "logs", "*.sqlite", "*.sqlite3",
          "*.db"),
}  # fmt: skip
"""What tests, tools, editors and running programs leave behind, by the files that they work on."""

OF_THE_STACK = (
    "compose*.yaml", "compose*.yml", "docker-compose*.yaml", "docker-compose*.yml",
    "Dockerfile*", "*.Dockerfile",
)  # fmt: skip


def ignore_file(repository: Repository, context: str, dockerfile: str) -> str:
    """Give the path of the file that says what a build leaves out: the Dockerfile's own one if there
    is one, else the context's."""
    own = f"{dockerfile}.dockerignore"
    return own if repository.is_file(own) else join(context, NAME)


def dockerignore(context: BuildContext, secrets: Iterable[str] = ()) -> str:
    """Give the text for a build's context; `secrets` are files in it that are known to be secret."""
    has_history = context.holds_history and reads_git(context)
    parts = [
        ("Secrets: containers get them when they start.", [*_secret_patterns(context, secrets)]),
        ("Made anew in the image, or of use on this machine only.", [*_made(context)]),
        # Where a file of the history is missing, the version that comes from it says so.
        ("What describes the stack.", [] if has_history else [*_of_the_stack(context)]),
    ]
    texts = ["".join(f"{line}\n" for line in (f"# {title}", *lines)) for title, lines in parts if lines]
    return "\n".join(texts)


def secret_files(context: BuildContext) -> list[str]:
    """Give the files with secrets that lie in a context and that no build needs."""
    found = filter(is_environment, context.files)
    environments = [path for path in found if not _is_needed(context, path)]
    keys = (path for path in context.files if re.search(KEY, path) and not re.search(FOR_TESTS, path))
    return sorted(environments) + sorted(path for path in keys if re.search(PRIVATE, context.text(path)))


def is_environment(path: str) -> bool:
    """Say whether a file is called like one of variables, and is no example of one."""
    return re.search(ENVIRONMENT, path) is not None and not _is_example(path)


def _is_example(path: str) -> bool:
    return re.search(EXAMPLE, path.rpartition("/")[2]) is not None


def _is_needed(context: BuildContext, path: str) -> bool:
    """Whether the image needs an environment file: its Dockerfile names it, the pages are built with it,
    or the repository has it and nothing in it is secret."""
    name = path.rpartition("/")[2]
    if path in context.named or (name != ".env" and name in context.commands):
        return True
    is_shown = path in context.shown
    variables = DotenvDocument(context.text(path).encode()).variables
    is_for_pages = any(re.search(PUBLIC, each.name) for each in variables)
    if (is_shown or is_for_pages) and any(
        re.search(FRONTEND, context.text(manifest)) for manifest in _manifests(context, path)
    ):
        return True
    if not is_shown:
        return False
    is_harmless = not any(is_secret_name(each.name) and each.value for each in variables)
    return is_harmless or re.search(READS_DEFAULTS, context.text("composer.json")) is not None


def _manifests(context: BuildContext, path: str) -> Iterator[str]:
    """The `package.json` of a file's folder and of those above it."""
    folder = path.rpartition("/")[0]
    while folder:
        yield f"{folder}/package.json"
        folder = folder.rpartition("/")[0]
    yield "package.json"


def _secret_patterns(context: BuildContext, secrets: Iterable[str]) -> Iterator[str]:
    found = secret_files(context)
    patterns = ["**/.env", "**/.env.*"]
    if any(re.search(r"(^|/)[^./][^/]*\.env\Z", path) for path in found):
        patterns.append("**/*.env")
    yield from patterns
    written = IgnoreFile("\n".join(patterns))
    kept = [path for path in sorted(context.files) if written.leaves_out(path) and path not in found]
    yield from dict.fromkeys(
        f"!**/{path.rpartition('/')[2]}" if _is_example(path) else f"!{path}" for path in kept
    )
    others = [
        path for path in sorted({*found, *secrets} - context.named) if not written.leaves_out(path)
    ]
    yield from dict.fromkeys(_folder_of_secrets(context, path) for path in others)


def _folder_of_secrets(context: BuildContext, path: str) -> str:
    """The folder that a secret lies in where that is named after secrets, and git shows nothing of it
    but examples; else the file."""
    folder = path.rpartition("/")[0]
    others = [each for each in context.shown if each.startswith(f"{folder}/") and each != path]
    is_theirs = re.search(r"(?i)secrets?\Z", folder) and all(map(_is_example, others))
    is_theirs = is_theirs and not (others and reads_git(context))
    return folder if is_theirs else path


def _made(context: BuildContext) -> Iterator[str]:
    if (not context.folder or context.holds_history) and not reads_git(context):
        yield ".git"
    present = {path.rpartition("/")[2] for path in context.beside} | set(_git_ignored(context))
    names = {path.rpartition("/")[2] for path in context.shown}
    wanted = [
        f"**/{name}"
        for name, (program, base, sources) in INSTALLED.items()
        if any(fnmatch(each, sources) for each in names)
        and (name in present or name in ALWAYS)
        and _is_made(context, program, base)
    ]
    if _is_made(context, BUILDS, ""):
        wanted += [f"**/{name}" for name in BUILT if name in present]
    for sources, left in LEFT_BEHIND.items():
        if any(fnmatch(name, sources) for name in names):
            wanted += [f"**/{name}" for name in left if any(fnmatch(each, name) for each in present)]
    for pattern in wanted:
        file = IgnoreFile(pattern)
        if not any(file.leaves_out(path) for path in context.shown | context.named):
            yield pattern


def _is_made(context: BuildContext, program: str, base: str) -> bool:
    """Whether a program runs in the build, also in that of each Dockerfile which takes the whole context
    and may need what it makes."""
    has = {document: bool(re.search(program, commands(document))) for document in context.dockerfiles}
    needing = [each for each in has if takes_all(each) and re.search(base, each.source.text)]
    return any(has.values()) and all(has[each] for each in needing)


def _git_ignored(context: BuildContext) -> Iterator[str]:
    """The names of files and folders that a `.gitignore` has at any place."""
    top = context.repository.read(".gitignore") or b""
    for text in (top.decode("utf-8", "replace"), context.text(".gitignore")):
        for line in text.split("\n"):
            name = line.strip().strip("/").removeprefix("**/")
            if name and name[0] not in "#!" and "/" not in name:
                yield name


def _of_the_stack(context: BuildContext) -> Iterator[str]:
    for pattern in OF_THE_STACK:
        file = IgnoreFile(pattern)
        found = [path for path in context.shown if file.leaves_out(path)]
        is_meant = all(fnmatch(path, pattern) and "/" not in path for path in found)
        if found and is_meant and not any(file.leaves_out(path) for path in context.named):
            yield pattern
    yield NAME
