"""Lossless YAML: a tree with spans built from parser events, and edits that touch nothing else."""

from fixer.documents.yaml.data import disagreements, same
from fixer.documents.yaml.operations import (
    Append,
    Delete,
    Insert,
    Join,
    Move,
    Operation,
    Rename,
    Rewrite,
    Set,
)
from fixer.documents.yaml.routes import Nth, Route
from fixer.documents.yaml.tree import (
    Alias,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlDocument,
    YamlSyntaxError,
    resolve_alias,
)
from fixer.documents.yaml.values import AliasTo, Flow, Quoted, Reset, Value, list_like

__all__ = [
    "Alias",
    "AliasTo",
    "Append",
    "Delete",
    "Entry",
    "Flow",
    "Insert",
    "Join",
    "Mapping",
    "Move",
    "Node",
    "Nth",
    "Operation",
    "Quoted",
    "Rename",
    "Reset",
    "Rewrite",
    "Route",
    "Scalar",
    "Sequence",
    "Set",
    "Value",
    "YamlDocument",
    "YamlSyntaxError",
    "disagreements",
    "list_like",
    "resolve_alias",
    "same",
]
