"""What the Compose specification allows where: keys, and the kinds of value each takes.

The names and kinds follow the schema that Compose 2.40 checks files with (compose-spec/compose-go,
schema); a test holds them against the real Compose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import NamedTuple

from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, YamlDocument, resolve_alias
from fixer.stack.values import scalar_data

WORDS = {"list": "array", "map": "mapping", "text": "string"}
"""Compose's words for the kinds of value, where they are not ours."""

GO_TYPES = {
    "list": "[]interface {}",
    "map": "map[string]interface {}",
    "null": "<nil>",
    "number": "int",
    "boolean": "bool",
    "date": "time.Time",
}
"""The names that Compose calls the kinds by where it merges lists."""

LISTS_OF_PAIRS = (
    "annotations", "build.additional_contexts", "build.args", "build.labels", "build.tags", "cap_add",
    "cap_drop", "deploy.labels", "dns", "dns_opt", "dns_search", "environment", "labels", "links",
    "profiles", "sysctls", "tmpfs",
)  # fmt: skip
"""A service's lists in which Compose tells items apart by what stands before `=`, so that it looks at
their kind before it checks the file."""

PAIRED = ("ports", "volumes", "devices")
"""A service's lists whose items have a colon, and a long form."""

FORMS = {
    "boolean": r"(?i)(true|false|yes|no|y|n|on|off)\Z",
    "integer": r"[-+]?\d+\Z",
    "decimal": r"(?i)[-+]?((\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|inf|nan)\Z",
    "duration": r"0\Z|[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+\Z",
    "size": r"(?i)(\d+(\.\d*)?|\.\d+) ?([kmgtp](i?b)?|b)?\Z",
}
"""How a text must be written to stand for something else."""

DATE = r"\d{4}-\d\d?-\d\d?([Tt ].*)?\Z"
"""A plain scalar that Compose takes for a date."""


class Shape(NamedTuple):
    """What may stand somewhere. `kinds` are of text, number, boolean, null, list and map. A map has
    `keys` (others are refused, but for extensions), or any keys with `values`; a list has `items`.
    A text must be of a form out of `FORMS`, or one of the `choices`. `words` are Compose's own for
    what it takes here."""

    kinds: frozenset[str]
    keys: Map[str, Shape] | None = None
    values: Shape | None = None
    items: Shape | None = None
    required: tuple[str, ...] = ()
    form: str = ""
    choices: tuple[str, ...] = ()
    words: str = ""

    def __or__(self, other: object) -> Shape:
        assert isinstance(other, Shape)
        return Shape(
            self.kinds | other.kinds,
            self.keys if self.keys is not None else other.keys,
            self.values or other.values,
            self.items or other.items,
            self.required or other.required,
            self.form or other.form,
            self.choices or other.choices,
            self.words,
        )


class Complaint(NamedTuple):
    """Something that the specification does not allow. `problem` is `unknown` (a key, `node` is its
    value), `kind` (of the value), `form` (of a text), `choice` (a text that is none of the choices),
    `missing` (a required key, named by `key`) or `misplaced` (a service's key where services stand)."""

    problem: str
    key: str
    node: Node
    shape: Shape
    path: tuple[str, ...]
    """The keys and indices that lead here in Compose's own words, as `services`, `web`, `ports`."""

    @property
    def location(self) -> str:
        """The place in Compose's own words."""
        return ".".join(self.path)

    @property
    def decoded_location(self) -> str:
        """The place as Compose calls it where it makes use of a value: `services[web].mem_limit`."""
        steps = (f"[{each}]" if each.isdigit() else f".{each}" for each in self.path[2:])
        return f"{self.path[0]}[{''.join(self.path[1:2])}]{''.join(steps)}"

    @property
    def refusal(self) -> str:
        """What Compose says of a value of a wrong kind, or of a key that is missing."""
        kind = kind_of(self.node)
        place = self.path if self.problem == "missing" else self.path[:-1]
        if kind == "map" and (refusal := self._of_long_form()):
            return refusal
        if self.problem == "missing":
            is_other = "text" in self.shape.kinds or "number" in self.shape.kinds
            words = f"must be a {self.shape.words}" if is_other else f"missing property '{self.key}'"
            return f"{self.location} {words}"
        if self.key.isdigit() and (".".join(place[2:]) in LISTS_OF_PAIRS or place[-1:] == ("aliases",)):
            return f"{'.'.join(place)}.[{self.key}]: unexpected type {GO_TYPES[kind]}"
        if kind == "date":
            return f"{self.location} invalid jsonType time.Time"
        return f"{self.location} must be a {self.shape.words}"

    def _of_long_form(self) -> str:
        """What Compose says of a mapping before it checks the file against the specification."""
        names = self.node.entries if isinstance(self.node, Mapping) else []
        number = next((each for each in names if kind_of(each.key) in ("number", "boolean")), None)
        if number is not None:
            place = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", self.location)
            return f"non-string key in {place}: {number.name}"
        *above, last = self.path
        is_item = len(above) == 3 and above[-1] in PAIRED and last.isdigit()
        if not is_item or any(each.name == "target" for each in names):
            return ""
        wanted = "target port" if above[-1] == "ports" else "mount target"
        noun = "ports" if above[-1] == "ports" else above[-1].removesuffix("s")
        return f"service {noun} {'.'.join(above)}.[{last}] is missing a {wanted}"


def _scalar(*kinds: str, words: str = "", form: str = "") -> Shape:
    *others, last = sorted(WORDS.get(each, each) for each in kinds)
    joined = f"{', '.join(others)} or {last}" if others else last
    return Shape(frozenset(kinds), form=form, words=words or joined)


def _choice(words: str) -> Shape:
    return TEXT._replace(choices=tuple(words.split()))


def _list(items: Shape) -> Shape:
    return Shape(frozenset({"list"}), items=items, words="array")


def _map(values: Shape) -> Shape:
    return Shape(frozenset({"map"}), values=values, words="mapping")


def _object(*required: str, **keys: Shape) -> Shape:
    return Shape(frozenset({"map"}), keys=keys, required=required, words="mapping")


def _or_null(shape: Shape) -> Shape:
    return shape._replace(kinds=shape.kinds | {"null"}, words=f"{shape.words} or null")


def _each(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


TEXT = _scalar("text")
NUMBER = _scalar("text", "number")
DECIMAL = NUMBER._replace(form="decimal")
COUNT = NUMBER._replace(form="integer")
INTEGER = COUNT._replace(words="integer or string")
SIZE = NUMBER._replace(form="size")
TEXT_SIZE = TEXT._replace(form="size")
DURATION = TEXT._replace(form="duration")
BOOLEAN = _scalar("text", "boolean", form="boolean")
FLAG = _scalar("boolean")
ANYTHING = _scalar("text", "number", "boolean", "null")
OPTION = _scalar("text", "number", "boolean")
NULL = _scalar("null")
TEXTS = _list(TEXT)
ONE_OR_MORE = TEXT | TEXTS
PAIRS = _map(ANYTHING) | TEXTS
OPTIONS = _map(NUMBER)
COMMAND = NULL | TEXT | TEXTS
HOSTS = _map(ONE_OR_MORE) | TEXTS

ULIMITS = _map(INTEGER | _object("soft", "hard", hard=INTEGER, soft=INTEGER))
FILES = _list(TEXT | _object(**_each(TEXT, "source target uid gid"), mode=NUMBER))
HOOK = _object(
    "command", command=COMMAND, user=TEXT, privileged=BOOLEAN, working_dir=TEXT, environment=PAIRS
)
DEVICE_REQUEST = {
    "capabilities": TEXTS,
    "count": NUMBER._replace(words=INTEGER.words),
    "device_ids": TEXTS,
    "driver": TEXT,
    "options": PAIRS,
}

BUILD = TEXT | _object(
    **_each(TEXT, "context dockerfile dockerfile_inline network target isolation"),
    **_each(PAIRS, "args ssh labels additional_contexts"),
    **_each(TEXTS, "entitlements cache_from cache_to tags platforms"),
    **_each(BOOLEAN, "no_cache pull privileged provenance sbom"),
    no_cache_filter=ONE_OR_MORE,
    shm_size=SIZE._replace(words=INTEGER.words),
    extra_hosts=HOSTS,
    secrets=FILES,
    ulimits=ULIMITS,
)

HEALTHCHECK = _object(
    **_each(DURATION, "interval timeout start_period start_interval"),
    disable=BOOLEAN,
    retries=COUNT,
    test=ONE_OR_MORE,
)

ROLLOUT = _object(
    **_each(DURATION, "delay monitor"),
    failure_action=TEXT,
    order=_choice("start-first stop-first"),
    parallelism=INTEGER,
    max_failure_ratio=DECIMAL,
)
DEPLOY = _object(
    mode=TEXT,
    endpoint_mode=TEXT,
    replicas=INTEGER,
    labels=PAIRS,
    rollback_config=ROLLOUT,
    update_config=ROLLOUT,
    resources=_object(
        limits=_object(cpus=DECIMAL, memory=TEXT_SIZE, pids=INTEGER),
        reservations=_object(
            cpus=DECIMAL,
            memory=TEXT_SIZE,
            generic_resources=_list(_object(discrete_resource_spec=_object(kind=TEXT, value=NUMBER))),
            devices=_list(_object("capabilities", **DEVICE_REQUEST)),
        ),
    ),
    restart_policy=_object(condition=TEXT, delay=DURATION, max_attempts=INTEGER, window=DURATION),
    placement=_object(
        constraints=TEXTS, preferences=_list(_object(spread=TEXT)), max_replicas_per_node=INTEGER
    ),
)

MOUNT = _object(
    "type",
    "target",
    type=_choice("bind volume tmpfs cluster npipe image"),
    **_each(TEXT, "source target consistency"),
    read_only=BOOLEAN,
    bind=_object(
        propagation=TEXT,
        recursive=_choice("enabled disabled writable readonly"),
        selinux=_choice("z Z"),
        create_host_path=BOOLEAN,
    ),
    volume=_object(labels=PAIRS, nocopy=BOOLEAN, subpath=TEXT),
    tmpfs=_object(size=SIZE._replace(words=INTEGER.words), mode=NUMBER),
    image=_object(subpath=TEXT),
)
PORT = _object(
    "target",
    **_each(TEXT, "name mode host_ip protocol app_protocol"),
    target=INTEGER,
    published=NUMBER._replace(words=INTEGER.words),
)
ATTACHMENT = (
    _object(
        **_each(TEXT, "interface_name ipv4_address ipv6_address mac_address"),
        **_each(TEXTS, "aliases link_local_ips"),
        **_each(_scalar("number"), "priority gw_priority"),
        driver_opts=OPTIONS,
    )
    | NULL
)

CONDITION = _choice("service_started service_healthy service_completed_successfully")
DEVELOP = _object(
    watch=_list(
        _object(
            "path",
            "action",
            action=_choice("rebuild sync restart sync+restart sync+exec"),
            **_each(ONE_OR_MORE, "ignore include"),
            **_each(TEXT, "path target"),
            exec=HOOK,
            initial_sync=FLAG,
        )
    )
)

SERVICE = _object(
    **_each(
        TEXT,
        "cgroup_parent container_name cpuset domainname hostname image ipc isolation mac_address"
        " network_mode platform pull_policy pull_refresh_after restart runtime"
        " stop_signal user uts userns_mode working_dir",
    ),
    cgroup=_choice("host private"),
    stop_grace_period=DURATION,
    **_each(COUNT, "cpu_shares cpu_quota cpu_period cpu_rt_period cpu_rt_runtime pids_limit"),
    **_each(COUNT._replace(words="string"), "cpu_count oom_score_adj"),
    cpu_percent=DECIMAL._replace(words="string"),
    cpus=DECIMAL,
    scale=INTEGER,
    **_each(SIZE, "mem_limit memswap_limit shm_size"),
    **_each(SIZE._replace(words=INTEGER.words), "mem_reservation mem_swappiness"),
    **_each(BOOLEAN, "attach init oom_kill_disable privileged read_only stdin_open tty"),
    use_api_socket=FLAG,
    **_each(
        TEXTS,
        "cap_add cap_drop device_cgroup_rules dns_opt external_links links profiles security_opt"
        " volumes_from",
    ),
    **_each(PAIRS, "annotations environment labels sysctls"),
    **_each(ONE_OR_MORE, "dns dns_search label_file tmpfs"),
    **_each(COMMAND, "command entrypoint"),
    **_each(FILES, "configs secrets"),
    **_each(_list(NUMBER), "expose group_add"),
    **_each(_list(HOOK), "post_start pre_stop"),
    build=BUILD,
    blkio_config=_object(
        **_each(
            _list(_object(path=TEXT, rate=NUMBER._replace(words=INTEGER.words))),
            "device_read_bps device_read_iops device_write_bps device_write_iops",
        ),
        weight=NUMBER._replace(words=INTEGER.words),
        weight_device=_list(_object(path=TEXT, weight=NUMBER._replace(words=INTEGER.words))),
    ),
    credential_spec=_object(**_each(TEXT, "config file registry")),
    depends_on=TEXTS | _map(_object("condition", restart=BOOLEAN, required=FLAG, condition=CONDITION)),
    deploy=_or_null(DEPLOY),
    develop=_or_null(DEVELOP),
    devices=_list(TEXT | _object("source", "target", **_each(TEXT, "source target permissions"))),
    env_file=TEXT | _list(TEXT | _object("path", path=TEXT, format=TEXT, required=BOOLEAN)),
    extends=TEXT | _object("service", service=TEXT, file=TEXT),
    extra_hosts=HOSTS,
    gpus=_choice("all") | _list(_object(**DEVICE_REQUEST)),
    healthcheck=HEALTHCHECK,
    logging=_object(driver=TEXT, options=_map(_scalar("text", "number", "null"))),
    models=TEXTS | _map(_object(endpoint_var=TEXT, model_var=TEXT) | NULL),
    networks=TEXTS | _map(ATTACHMENT),
    pid=_scalar("text", "null"),
    ports=_list(NUMBER._replace(words="number") | PORT),
    provider=_object("type", type=TEXT, options=_map(OPTION | _list(OPTION))),
    storage_opt=_map(ANYTHING),
    ulimits=ULIMITS,
    volumes=_list(TEXT | MOUNT),
)

EXTERNAL = (BOOLEAN | _object(name=TEXT))._replace(words="boolean, mapping or string")
NETWORK = _or_null(
    _object(
        name=TEXT,
        driver=TEXT,
        driver_opts=OPTIONS,
        ipam=_object(
            driver=TEXT,
            config=_list(_object(**_each(TEXT, "subnet ip_range gateway"), aux_addresses=_map(TEXT))),
            options=_map(TEXT),
        ),
        external=EXTERNAL,
        **_each(BOOLEAN, "internal enable_ipv4 enable_ipv6 attachable"),
        labels=PAIRS,
    )
)
VOLUME = _or_null(_object(name=TEXT, driver=TEXT, driver_opts=OPTIONS, external=EXTERNAL, labels=PAIRS))
SECRET = _object(
    **_each(TEXT, "name environment file driver template_driver"),
    external=EXTERNAL,
    labels=PAIRS,
    driver_opts=OPTIONS,
)
CONFIG = _object(
    **_each(TEXT, "name content environment file template_driver"), external=EXTERNAL, labels=PAIRS
)
MODEL = _object("model", name=TEXT, model=TEXT, context_size=_scalar("number"), runtime_flags=TEXTS)
INCLUDE = _list(TEXT | _object(path=ONE_OR_MORE, env_file=ONE_OR_MORE, project_directory=TEXT))

SERVICES = _map(SERVICE)

FILE = _object(
    version=TEXT,
    name=TEXT,
    include=NULL | INCLUDE,
    services=SERVICES,
    models=_map(MODEL),
    networks=_map(NETWORK),
    volumes=_map(VOLUME),
    secrets=_map(SECRET),
    configs=_map(CONFIG),
)


def kind_of(node: Node) -> str:
    """Give a node's kind: text, number, boolean, null, list or map."""
    if isinstance(node, Sequence):
        return "list"
    if isinstance(node, Mapping):
        return "map"
    assert isinstance(node, Scalar)
    data = scalar_data(node)
    if data is None:
        return "null"
    if isinstance(data, str) and not node.style and node.tag is None and re.match(DATE, data):
        return "date"
    if isinstance(data, bool):
        return "boolean"
    return "number" if isinstance(data, int | float) else "text"


EXPECTED = {
    "text": "a text (in quotes where it looks like a number)",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list, each item on a line of its own behind a dash and a blank",
    "map": "a mapping, each entry on a line of its own as `key: value`",
}


def expectation(complaint: Complaint) -> str:
    """Say to a person what may stand in a place."""
    shape = complaint.shape
    if shape.choices:
        return " or ".join(shape.choices)
    return ", or ".join(words for kind, words in EXPECTED.items() if kind in shape.kinds)


def shape_at(path: tuple[str, ...]) -> Shape | None:
    """Give what may stand at a place that is named in Compose's words."""
    shape: Shape | None = FILE
    for step in path:
        if shape is None:
            return None
        shape = (
            shape.items if step.isdigit() and shape.items else (shape.keys or {}).get(step, shape.values)
        )
    return shape


def complaints(document: YamlDocument) -> Iterator[Complaint]:
    """Yield what the specification has against a Compose file, each place once."""
    seen: set[tuple[int, int]] = set()
    for root in document.roots:
        yield from _check(root, FILE, (), seen)


def is_used_alike(document: YamlDocument, node: Node) -> bool:
    """Say whether a value that may be used in several places, by aliases, stands in places of one
    kind, so that what is right for one is right for all."""
    seen: set[tuple[int, int]] = set()
    for root in document.roots:
        for _ in _check(root, FILE, (), seen):
            pass
    return sum(1 for each, _ in seen if each == id(node)) == 1


def fits(node: Node, shape: Shape) -> bool:
    """Say whether the specification has nothing against a value of a shape."""
    return next(_check(node, shape, (), set()), None) is None


def _check(
    written: Node, shape: Shape, path: tuple[str, ...], seen: set[tuple[int, int]]
) -> Iterator[Complaint]:
    node = resolve_alias(written)
    if node is None or node.tag in ("!reset", "!override") or (id(node), id(shape)) in seen:
        return
    seen.add((id(node), id(shape)))
    kind = kind_of(node)
    key = path[-1] if path else ""
    if kind not in shape.kinds and not _may_be(node, kind, shape):
        yield Complaint("kind", key, node, shape, path)
    elif isinstance(node, Scalar) and kind == "text" and "$" not in node.value:
        if shape.choices and node.value not in shape.choices:
            yield Complaint("choice", key, node, shape, path)
        elif shape.form and not re.match(FORMS[shape.form], node.value):
            yield Complaint("form", key, node, shape, path)
    elif isinstance(node, Sequence) and shape.items is not None:
        for index, item in enumerate(node.items):
            below = (*path, str(index))
            if len(path) == 3 and key in PAIRED and _is_pair(item, shape.items):
                yield Complaint("kind", str(index), item, shape.items, below)
            else:
                yield from _check(item, shape.items, below, seen)
    elif isinstance(node, Mapping):
        names = set[str | None]()
        for entry in node.entries:
            name = entry.name
            names.add(name)
            if name == "<<":
                yield from _check_merged(entry.value, shape, path, seen)
            elif name is not None and not name.startswith("x-"):
                inner = (shape.keys or {}).get(name) or shape.values
                if shape is SERVICES and is_setting(name, entry.value):
                    yield Complaint("misplaced", name, entry.value, shape, (*path, name))
                elif inner is not None:
                    yield from _check(entry.value, inner, (*path, name), seen)
                elif shape.keys is not None:
                    yield Complaint("unknown", name, entry.value, shape, path)
        for name in shape.required:
            if name not in names and "<<" not in names:
                yield Complaint("missing", name, node, shape, path)


def _is_pair(item: Node, shape: Shape) -> bool:
    """Whether an item is `a: b` where the text `a:b` belongs, which is no mapping in long form."""
    entries = item.entries if isinstance(item, Mapping) else []
    return (
        len(entries) == 1
        and entries[0].name not in (shape.keys or {})
        and isinstance(entries[0].value, Scalar)
    )


def _check_merged(
    written: Node, shape: Shape, path: tuple[str, ...], seen: set[tuple[int, int]]
) -> Iterator[Complaint]:
    node = resolve_alias(written)
    for each in node.items if isinstance(node, Sequence) else [written]:
        if isinstance(resolve_alias(each), Mapping):
            # What is merged need not have the required keys.
            yield from _check(each, shape._replace(required=()), path, seen)


def is_known(name: str) -> bool:
    """Say whether a service may have a key."""
    return name == "<<" or name.startswith("x-") or name in (SERVICE.keys or {})


def is_setting(name: str, written: Node) -> bool:
    """Say whether what stands where a service should is a service's setting."""
    node = resolve_alias(written)
    known = SERVICE.keys or {}
    if name not in known or node is None or kind_of(node) == "null":
        return False
    is_service = isinstance(node, Mapping) and any(
        entry.name == "<<" or entry.name in known for entry in node.entries
    )
    return not is_service


def _may_be(node: Node, kind: str, shape: Shape) -> bool:
    """Whether a variable stands where it becomes what is wanted."""
    is_variable = kind == "text" and isinstance(node, Scalar) and "$" in node.value
    return is_variable and bool(shape.kinds & {"number", "boolean"})
