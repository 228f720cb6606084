"""What the Compose specification allows where: keys, and the kinds of value each takes.

The names and kinds follow the schema that Compose 2.40 checks files with (compose-spec/compose-go,
schema); a test holds them against the real Compose.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import NamedTuple

from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, YamlDocument, resolve_alias
from fixer.stack.values import scalar_data


class Shape(NamedTuple):
    """What may stand somewhere. `kinds` are of text, number, boolean, null, list and map. A map has
    `keys` (others are refused, but for extensions), or any keys with `values`; a list has `items`."""

    kinds: frozenset[str]
    keys: Map[str, Shape] | None = None
    values: Shape | None = None
    items: Shape | None = None
    required: tuple[str, ...] = ()

    def __or__(self, other: object) -> Shape:
        assert isinstance(other, Shape)
        return Shape(
            self.kinds | other.kinds,
            self.keys if self.keys is not None else other.keys,
            self.values or other.values,
            self.items or other.items,
            self.required or other.required,
        )


class Complaint(NamedTuple):
    """Something that the specification does not allow. `problem` is `unknown` (a key, `node` is its
    value), `kind` (of the value), `missing` (a required key, named by `key`) or `misplaced` (a service's
    key where services stand)."""

    problem: str
    key: str
    node: Node
    shape: Shape
    path: tuple[str, ...]
    """The keys and indices that lead here in Compose's own words, as `services`, `web`, `ports`."""


def _scalar(*kinds: str) -> Shape:
    return Shape(frozenset(kinds))


def _list(items: Shape) -> Shape:
    return Shape(frozenset({"list"}), items=items)


def _map(values: Shape) -> Shape:
    return Shape(frozenset({"map"}), values=values)


def _object(*required: str, **keys: Shape) -> Shape:
    return Shape(frozenset({"map"}), keys=keys, required=required)


def _each(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


TEXT = _scalar("text")
NUMBER = _scalar("text", "number")
BOOLEAN = _scalar("text", "boolean")
ANYTHING = _scalar("text", "number", "boolean", "null")
NULL = _scalar("null")
TEXTS = _list(TEXT)
ONE_OR_MORE = TEXT | TEXTS
PAIRS = _map(ANYTHING) | TEXTS
OPTIONS = _map(NUMBER)
COMMAND = TEXT | TEXTS | NULL
HOSTS = _map(ONE_OR_MORE) | TEXTS

ULIMITS = _map(NUMBER | _object("soft", "hard", hard=NUMBER, soft=NUMBER))
FILES = _list(TEXT | _object(**_each(TEXT, "source target uid gid"), mode=NUMBER))
HOOK = _object(
    "command", command=COMMAND, user=TEXT, privileged=BOOLEAN, working_dir=TEXT, environment=PAIRS
)
DEVICE_REQUEST = {
    "capabilities": TEXTS,
    "count": NUMBER,
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
    shm_size=NUMBER,
    extra_hosts=HOSTS,
    secrets=FILES,
    ulimits=ULIMITS,
)

HEALTHCHECK = _object(
    **_each(TEXT, "interval timeout start_period start_interval"),
    disable=BOOLEAN,
    retries=NUMBER,
    test=ONE_OR_MORE,
)

ROLLOUT = _object(
    **_each(TEXT, "delay failure_action monitor order"),
    **_each(NUMBER, "parallelism max_failure_ratio"),
)
DEPLOY = _object(
    mode=TEXT,
    endpoint_mode=TEXT,
    replicas=NUMBER,
    labels=PAIRS,
    rollback_config=ROLLOUT,
    update_config=ROLLOUT,
    resources=_object(
        limits=_object(cpus=NUMBER, memory=TEXT, pids=NUMBER),
        reservations=_object(
            cpus=NUMBER,
            memory=TEXT,
            generic_resources=_list(_object(discrete_resource_spec=_object(kind=TEXT, value=NUMBER))),
            devices=_list(_object("capabilities", **DEVICE_REQUEST)),
        ),
    ),
    restart_policy=_object(condition=TEXT, delay=TEXT, max_attempts=NUMBER, window=TEXT),
    placement=_object(
        constraints=TEXTS, preferences=_list(_object(spread=TEXT)), max_replicas_per_node=NUMBER
    ),
)

MOUNT = _object(
    "type",
    **_each(TEXT, "type source target consistency"),
    read_only=BOOLEAN,
    bind=_object(**_each(TEXT, "propagation recursive selinux"), create_host_path=BOOLEAN),
    volume=_object(labels=PAIRS, nocopy=BOOLEAN, subpath=TEXT),
    tmpfs=_object(size=NUMBER, mode=NUMBER),
    image=_object(subpath=TEXT),
)
PORT = _object(
    **_each(TEXT, "name mode host_ip protocol app_protocol"), **_each(NUMBER, "target published")
)
ATTACHMENT = NULL | _object(
    **_each(TEXT, "interface_name ipv4_address ipv6_address mac_address"),
    **_each(TEXTS, "aliases link_local_ips"),
    **_each(_scalar("number"), "priority gw_priority"),
    driver_opts=OPTIONS,
)

SERVICE = _object(
    **_each(
        TEXT,
        "cgroup cgroup_parent container_name cpuset domainname hostname image ipc isolation mac_address"
        " network_mode platform pull_policy pull_refresh_after restart runtime stop_grace_period"
        " stop_signal user uts userns_mode working_dir",
    ),
    **_each(
        NUMBER,
        "cpu_count cpu_percent cpu_shares cpu_quota cpu_period cpu_rt_period cpu_rt_runtime cpus"
        " mem_limit mem_reservation mem_swappiness memswap_limit oom_score_adj pids_limit scale"
        " shm_size",
    ),
    **_each(
        BOOLEAN,
        "attach init oom_kill_disable privileged read_only stdin_open tty use_api_socket",
    ),
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
            _list(_object(path=TEXT, rate=NUMBER)),
            "device_read_bps device_read_iops device_write_bps device_write_iops",
        ),
        weight=NUMBER,
        weight_device=_list(_object(path=TEXT, weight=NUMBER)),
    ),
    credential_spec=_object(**_each(TEXT, "config file registry")),
    depends_on=TEXTS | _map(_object("condition", restart=BOOLEAN, required=BOOLEAN, condition=TEXT)),
    deploy=DEPLOY,
    develop=_object(
        watch=_list(
            _object(
                "path",
                "action",
                **_each(ONE_OR_MORE, "ignore include"),
                **_each(TEXT, "path action target"),
                exec=HOOK,
                initial_sync=BOOLEAN,
            )
        )
    ),
    devices=_list(TEXT | _object("source", **_each(TEXT, "source target permissions"))),
    env_file=TEXT | _list(TEXT | _object("path", path=TEXT, format=TEXT, required=BOOLEAN)),
    extends=TEXT | _object("service", service=TEXT, file=TEXT),
    extra_hosts=HOSTS,
    gpus=TEXT | _list(_object(**DEVICE_REQUEST)),
    healthcheck=HEALTHCHECK,
    logging=_object(driver=TEXT, options=_map(_scalar("text", "number", "null"))),
    models=TEXTS | _map(NULL | _object(endpoint_var=TEXT, model_var=TEXT)),
    networks=TEXTS | _map(ATTACHMENT),
    pid=TEXT | NULL,
    ports=_list(NUMBER | PORT),
    provider=_object("type", type=TEXT, options=_map(ANYTHING | _list(ANYTHING))),
    storage_opt=_map(ANYTHING),
    ulimits=ULIMITS,
    volumes=_list(TEXT | MOUNT),
)

EXTERNAL = BOOLEAN | _object(name=TEXT)
NETWORK = NULL | _object(
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
VOLUME = NULL | _object(name=TEXT, driver=TEXT, driver_opts=OPTIONS, external=EXTERNAL, labels=PAIRS)
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
    version=NUMBER,
    name=TEXT,
    include=INCLUDE,
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
    if isinstance(data, bool):
        return "boolean"
    return "number" if isinstance(data, int | float) else "text"


def complaints(document: YamlDocument) -> Iterator[Complaint]:
    """Yield what the specification has against a Compose file, each place once."""
    seen: set[tuple[int, int]] = set()
    for root in document.roots:
        yield from _check(root, FILE, (), seen)


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
    if kind not in shape.kinds and not _may_be(node, kind, shape):
        yield Complaint("kind", path[-1] if path else "", node, shape, path)
    elif isinstance(node, Sequence) and shape.items is not None:
        for index, item in enumerate(node.items):
            yield from _check(item, shape.items, (*path, str(index)), seen)
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
