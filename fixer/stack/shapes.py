"""What the Compose specification allows where, as data: keys, and the kinds of value each takes.

The names and kinds follow the schema that Compose 2.40 checks files with (compose-spec/compose-go,
schema); a test holds them against the real Compose.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import NamedTuple

WORDS = {"list": "array", "map": "mapping", "text": "string"}
"""Compose's words for the kinds of value, where they are not ours."""

FORMS = {
    "boolean": r"(?i)(true|false|yes|no|y|n|on|off)\Z",
    "integer": r"[-+]?\d+\Z",
    "decimal": r"(?i)[-+]?((\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|inf|nan)\Z",
    "duration": r"0\Z|[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+\Z",
    "size": r"(?i)(\d+(\.\d*)?|\.\d+) ?([kmgtp](i?b)?|b)?\Z",
}
"""How a text must be written to stand for something else."""


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
