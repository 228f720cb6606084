"""What one `docker compose` invocation loads, as fixes read it."""

from fixer.stack.discovery import discover, named_stacks, stack_from_files
from fixer.stack.files import ComposeFile
from fixer.stack.model import Declaration, Stack
from fixer.stack.repository import Repository
from fixer.stack.service import Service
from fixer.stack.settings import (
    Build,
    Command,
    EnvironmentFile,
    EnvironmentVariable,
    Healthcheck,
    Image,
    Label,
    Mount,
    Port,
    Reference,
    Use,
)
from fixer.stack.values import Value

__all__ = [
    "Build",
    "Command",
    "ComposeFile",
    "Declaration",
    "EnvironmentFile",
    "EnvironmentVariable",
    "Healthcheck",
    "Image",
    "Label",
    "Mount",
    "Port",
    "Reference",
    "Repository",
    "Service",
    "Stack",
    "Use",
    "Value",
    "discover",
    "named_stacks",
    "stack_from_files",
]
