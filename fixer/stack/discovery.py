"""Finds the Compose files of a repository and groups them as people use them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from typing import NamedTuple

from fixer.place import Problem
from fixer.stack.files import WHOLE_SERVICE, ComposeFile, has_key
from fixer.stack.loading import Loader
from fixer.stack.mentions import file_lists
from fixer.stack.merging import join
from fixer.stack.model import Stack
from fixer.stack.placement import has_only_settings, is_service
from fixer.stack.repository import Repository

DEFAULT_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""What Compose looks for where no file is named, in its order."""

COMPOSE_NAME = re.compile(r"(?i)(?!rancher-)(.*[-_.])?(compose|docker-stack)([-_.].*)?\.ya?ml\Z")
"""Names of Compose files. Rancher's own format has such a name as well."""
FOREIGN = ("apiVersion", "jobs", "on", "stages", "pipelines")
"""Keys at the root of files that are for other programs."""

BASE_NAME = re.compile(r"(?i)\b(base|common|shared)\b")
"""What names a file that is made for others to be laid over."""

HAS_SERVICES = re.compile(rb"(?m)^[\"']?services[\"']?[ \t]*:")


class Discovered(NamedTuple):
    """The stacks that were found, what kept files from being read, and the Compose files that are
    no YAML, by path."""

    stacks: list[Stack]
    problems: list[Problem]
    broken: dict[str, bytes]


def discover(repository: Repository, paths: Sequence[str]) -> Discovered:
    """Give the stacks below `paths` (files or folders relative to the root; none: everywhere). Another
    file than a Compose file stands for the stacks that it is part of; where one that may be cannot be
    read, that is told.

    A file that only changes another's services is never a stack of its own: it comes with its base.
    """
    loader = Loader(repository)
    wanted = [path for path in paths if path not in ("", ".")]
    if parts := [path for path in wanted if _is_other(repository, loader, path)]:
        found = discover(repository, [])
        others = [path for path in wanted if path not in parts]
        asked = discover(repository, others) if others else Discovered([], [], {})
        stacks = [
            stack
            for stack in found.stacks
            if any(map(stack.reads, parts)) or any(is_below(path, wanted) for path in stack.named)
        ]
        problems = [*asked.problems, *_around(found.problems, parts)]
        return Discovered(stacks, problems, asked.broken)
    names = list(dict.fromkeys(_candidates(repository, wanted)))
    files = {path: file for path in names if (file := loader.file(path)) and _is_compose(file)}
    whole = not wanted or any(repository.is_directory(path) for path in wanted)
    empty = [file for path in names if (file := loader.file(path)) and _holds_nothing(file)]
    lists = _group(repository, files, loader.broken, whole)
    if wanted:
        lists = [each for each in lists if any(is_below(path, wanted) for path in each)]
    loaded = [loader.stack([files[path] for path in each]) for each in lists]
    loaded += [loader.stack([file]) for file in empty]
    stacks = _completed(loader, files, [stack for stack in loaded if stack is not None])
    _relate(stacks)
    problems = [each for each in loader.problems if _matters(each.place.path, wanted)]
    broken = {path: data for path, data in loader.broken.items() if _matters(path, wanted)}
    return Discovered(stacks, problems, broken)


def _is_other(repository: Repository, loader: Loader, path: str) -> bool:
    """Whether a path is a file that is no Compose file, nor named as one."""
    if not repository.is_file(path) or _may_be_compose(repository, path):
        return False
    file = loader.file(path)
    return file is None or not _is_compose(file)


def _completed(loader: Loader, files: Map[str, ComposeFile], stacks: list[Stack]) -> list[Stack]:
    """The stacks, but for each file that alone lacks what it names, while a list that it is used in
    or a file beside or above it has that: it is not meant to be used alone."""
    completed: dict[tuple[str, ...], Stack] = {}
    for stack in stacks:
        chosen = stack
        if len(files) > 1 and len(stack.named) == 1 and stack.missing:
            path = stack.named[0]
            if any(path in each.named and not stack.missing & each.missing for each in stacks):
                continue
            lacks_service = any(kind == "service" for kind, _ in stack.missing)
            bases = [files[each] for each in _bases_for(path, files, lacks_service)]
            joined = [each for base in bases if (each := loader.stack([base, files[path]]))]
            chosen = next((each for each in joined if not stack.missing & each.missing), stack)
        completed.setdefault(chosen.named, chosen)
    return [completed[each] for each in sorted(completed, key=_order)]


def _order(files: tuple[str, ...]) -> tuple[str, int, tuple[str, ...]]:
    """Stacks of one base stand together, the shorter ones first."""
    return files[0], len(files), files


def _bases_for(path: str, files: Map[str, ComposeFile], lacks_service: bool) -> list[str]:
    """The files that another one, which has no default name, may be laid over: those that Compose
    looks for, in its folder and above, then those beside it. That one of several stacks declares a
    volume of the same name as another uses does not make it a base; a service that is named does."""
    if _name(path) in DEFAULT_NAMES:
        return []
    folder = path.rpartition("/")[0]
    whole = [each for each, file in files.items() if each != path and not file.is_fragment]
    defaults = [each for each in whole if _name(each) in DEFAULT_NAMES and _is_around(each, folder)]
    beside = [
        each
        for each in whole
        if each.rpartition("/")[0] == folder
        and each not in defaults
        and (lacks_service or BASE_NAME.search(_name(each)))
    ]
    return [*sorted(defaults, key=lambda each: -each.count("/")), *beside]


def _is_around(path: str, folder: str) -> bool:
    """Whether a file lies in a folder or in one above it."""
    own = path.rpartition("/")[0]
    return not own or is_below(folder, [own])


def _relate(stacks: list[Stack]) -> None:
    """Tell each stack which others share a file or the project's folder, and so its `.env`, with it,
    directly or through a third one."""
    groups: list[tuple[set[str], list[Stack]]] = []
    for stack in stacks:
        shared = {f"{stack.project_directory}/.env", *(file.path for file in stack.files)}
        joined = [group for group in groups if group[0] & shared]
        groups = [group for group in groups if not group[0] & shared]
        members = [each for _, others in joined for each in others]
        groups.append((shared.union(*(paths for paths, _ in joined)), [*members, stack]))
    for _, members in groups:
        for stack in members:
            stack.related = tuple(members)
            stack.found = tuple(stacks)


def _around(problems: Iterable[Problem], paths: Sequence[str]) -> list[Problem]:
    """The problems of the files beside or above one of `paths`: with such a file, there is no telling
    whether a stack reads that path."""
    return [
        problem
        for problem in problems
        if any(_is_around(problem.place.path, path.rpartition("/")[0]) for path in paths)
    ]


def _matters(path: str, wanted: Sequence[str]) -> bool:
    """Whether a file that cannot be read was asked for: by its path, or by a name that says it is a
    Compose file."""
    if path in wanted:
        return True
    is_named = COMPOSE_NAME.match(_name(path)) is not None
    return is_named and (not wanted or is_below(path, wanted))


def stack_from_files(repository: Repository, files: Sequence[str]) -> Discovered:
    """Give the stack that `docker compose -f A -f B` would load."""
    loader = Loader(repository)
    stack = _stack_of(loader, [file for path in files if (file := loader.file(path))])
    return Discovered([stack] if stack else [], loader.problems, loader.broken)


def named_stacks(
    repository: Repository, lists: Iterable[Sequence[str]], paths: Sequence[str]
) -> Discovered:
    """Give the stacks of several `-f` lists that are about one of `paths` (none: all). One with a file
    that cannot be read is none yet."""
    found = Discovered([], [], {})
    wanted = [path for path in paths if path not in ("", ".")]
    for names in lists:
        loader = Loader(repository)
        read = [file for path in names if (file := loader.file(path))]
        stack = _stack_of(loader, read) if len(read) == len(names) else None
        is_wanted = not wanted or any(is_below(path, wanted) for path in (*names, *loader.broken))
        is_read = stack is not None and any(
            stack.reads(path) for path in wanted if not repository.is_directory(path)
        )
        if is_wanted or is_read:
            found.stacks.extend([stack] if stack else [])
            found.problems.extend(loader.problems)
            found.broken.update(loader.broken)
        elif stack is None:
            others = [path for path in wanted if repository.is_file(path)]
            found.problems.extend(_around(loader.problems, others))
    _relate(found.stacks)
    return found


def _stack_of(loader: Loader, read: list[ComposeFile]) -> Stack | None:
    """The stack of a `-f` list."""
    # Compose skips a file that holds nothing, if another one holds something.
    members = [file for file in read if file.root] or read[:1]
    return loader.stack(members) if members else None


def is_below(path: str, paths: Iterable[str]) -> bool:
    """Say whether a path is one of `paths` or lies in one that is a folder."""
    return any(path == each or path.startswith(f"{each}/") for each in paths)


def _candidates(repository: Repository, wanted: Sequence[str]) -> Iterator[str]:
    """The paths of files that may be Compose files: the ones named, with their neighbours, or all
    below a folder. Only the neighbours' folder is listed for a file, which needs no git."""
    folders = [path for path in wanted if repository.is_directory(path)]
    for path in wanted:
        if path in folders or repository.is_excluded(path):
            continue
        yield path
        folder = path.rpartition("/")[0]
        yield from (each for each in repository.listed(folder) if COMPOSE_NAME.match(each))
    if folders or not wanted:
        # An override may lie below a folder that was named while its base lies beside it.
        found = (path for path in repository.files if _may_be_compose(repository, path))
        yield from (path for path in found if not _is_vendored(repository, path))


def _is_vendored(repository: Repository, path: str) -> bool:
    """Whether a path lies in a folder that a package manager fills: npm's, or one in which Composer or
    Go have left their list of what is there. The next fetch would undo what is done to it."""
    folders = [path[: found.end()] for found in re.finditer(r"(?<![^/])vendor/", path)]
    lists = [f"{folder}{name}" for folder in folders for name in ("autoload.php", "modules.txt")]
    return "/node_modules/" in f"/{path}" or any(map(repository.is_file, lists))


def _may_be_compose(repository: Repository, path: str) -> bool:
    if not path.endswith((".yml", ".yaml")):
        return False
    if COMPOSE_NAME.match(_name(path)):
        return True
    content = repository.searchable(path)
    return content is not None and HAS_SERVICES.search(content) is not None


def _holds_nothing(file: ComposeFile) -> bool:
    """Whether a file that Compose would be given has nothing for it. An override may be empty."""
    name = _name(file.path)
    return file.is_empty and bool(COMPOSE_NAME.match(name)) and "override" not in name


def _is_compose(file: ComposeFile) -> bool:
    """Whether a YAML file reads like a Compose file, whatever its name."""
    if file.root is None:
        return False
    is_foreign = any(file.root.entry(key) for key in FOREIGN)
    named = COMPOSE_NAME.match(_name(file.path))
    if named:
        sections = ("services", "volumes", "networks", "secrets", "configs", "include")
        if any(file.root.entry(key) for key in sections):
            return True
        return not is_foreign and _has_bare_services(file)
    services = list(file.services.values())
    return not is_foreign and bool(services) and all(has_key(each, WHOLE_SERVICE) for each in services)


def _has_bare_services(file: ComposeFile) -> bool:
    """Whether a file's services stand at its root, as in version 1 of the format. A `version` or the
    default name tells that it is for Compose; else nothing but settings may stand in them."""
    entries = file.root.entries if file.root else []
    kept = [each for each in entries if each.name not in ("version", "name")]
    values = [each.value for each in kept if not (each.name or "").startswith("x-")]
    is_sure = len(kept) < len(entries) or _name(file.path) in DEFAULT_NAMES
    if is_sure and any(is_service(each, strict=True) for each in values):
        return True
    return bool(values) and all(has_only_settings(each) for each in values)


def _group(
    repository: Repository, files: dict[str, ComposeFile], broken: Collection[str], whole: bool
) -> list[tuple[str, ...]]:
    """The lists of files that are used together, shorter ones first."""
    included = {join(file.folder, each.path) for file in files.values() for each in file.includes()}
    extended = {
        target
        for file in files.values()
        for path in file.extended_files()
        if (target := join(file.folder, path)) != file.path
    }
    lists: dict[tuple[str, ...], None] = {}
    mentioned = list(file_lists(repository, files, whole))
    # Of a file that is extended only the extended service is looked at there.
    defaults = [each for each in _defaults(files) if each[0] not in included]
    for each in (*defaults, *_from_dotenv(repository, files), *mentioned):
        lists[each] = None
    overrides = {path for each in lists for path in each[1:]}
    alone = {each[0] for each in lists if len(each) == 1}
    for path, file in files.items():
        if path in alone:
            continue
        if path not in overrides and (base := _overridden(file, files)):
            lists[(base, path)] = None
        elif not file.is_fragment:
            if path not in overrides and path not in included | extended:
                lists[(path,)] = None
        elif path not in overrides:
            base = _base(file, files)
            lists[(base, path) if base else (path,)] = None
    bases = {each[0] for each in lists}
    for path in bases:
        if not files[path].is_fragment:
            lists[(path,)] = None
    unused = included | extended | overrides
    kept = [each for each in lists if len(each) > 1 or _stands_alone(files[each[0]], unused, broken)]
    return sorted(kept, key=_order)


def _stands_alone(file: ComposeFile, others: Collection[str], broken: Collection[str]) -> bool:
    """Whether a file is used by itself: it is whole, or it is no part of others and there is no
    telling what it would be laid over, although Compose looks for it or it has whole services too."""
    if not file.is_fragment:
        return True
    if file.path in others or any(_is_around(path, file.folder) for path in broken):
        return False
    has_whole = any(has_key(each, WHOLE_SERVICE) for each in file.services.values())
    return has_whole or _name(file.path) in DEFAULT_NAMES


def _defaults(files: dict[str, ComposeFile]) -> Iterator[tuple[str, ...]]:
    """Each folder's default file, with its override where there is one."""
    for folder in dict.fromkeys(file.folder for file in files.values()):
        name = next((each for each in DEFAULT_NAMES if join(folder, each) in files), None)
        if name is None:
            continue
        stem = name.rpartition(".")[0]
        overrides = [join(folder, f"{stem}.override.{ending}") for ending in ("yml", "yaml")]
        override = next((path for path in overrides if path in files), None)
        yield (join(folder, name),)
        if override is not None:
            yield join(folder, name), override


def _from_dotenv(repository: Repository, files: dict[str, ComposeFile]) -> Iterator[tuple[str, ...]]:
    """The files that `COMPOSE_FILE` in a folder's `.env` names."""
    for folder in dict.fromkeys(file.folder for file in files.values()):
        content = repository.read(join(folder, ".env")) or b""
        found = re.search(rb"(?m)^COMPOSE_FILE=[\"']?([^\"'\r\n]+)", content)
        if found is not None:
            names = re.split("[:;]", found[1].decode("utf-8", "replace"))
            paths = tuple(join(folder, name) for name in names)
            if all(path in files for path in paths):
                yield paths


def _base(file: ComposeFile, files: dict[str, ComposeFile]) -> str | None:
    """The file that a fragment is laid over: one in its folder or above whose name its own name
    extends, or one with the services it changes."""
    name = _name(file.path)
    changed = {key for key, each in file.services.items() if not has_key(each, WHOLE_SERVICE)}
    whole = [
        path
        for path, other in files.items()
        if other is not file and not other.is_fragment and _is_around(path, file.folder)
    ]
    extending = [
        path
        for path in whole
        if re.match(re.escape(_stem(path)) + r"\W", name)
        and (files[path].folder == file.folder or changed & set(files[path].services))
    ]
    chosen = max(extending, key=lambda path: (path.count("/"), len(_stem(path))), default=None)
    if chosen is None:
        complete = [path for path in whole if changed <= set(files[path].services)]
        default = [path for path in complete if _name(path) in DEFAULT_NAMES]
        chosen = next(iter(default), complete[0] if len(complete) == 1 else None)
    return chosen


def _overridden(file: ComposeFile, files: dict[str, ComposeFile]) -> str | None:
    """The file above whose services a file that is called an override changes, as one does that waits
    to be copied there. Its own services may be whole."""
    if file.is_fragment or "override" not in _name(file.path):
        return None
    above = [
        path
        for path, other in files.items()
        if _name(path) in DEFAULT_NAMES
        and path.count("/") < file.path.count("/")
        and _is_around(path, file.folder)
        and file.services.keys() & other.services.keys()
    ]
    return max(above, key=lambda path: path.count("/"), default=None)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    return _name(path).rpartition(".")[0]
