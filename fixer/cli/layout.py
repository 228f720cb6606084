"""How help looks: the options of a command with many stand below headings, without rich's boxes."""

from __future__ import annotations

from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup

HELP = {"help_option_names": ["-h", "--help"]}
"""What typer is told of the option for help; commands of a group inherit it."""


class Command(TyperCommand):
    """A command. Where it has headings, an option says by `rich_help_panel` which one it is under."""

    headings: ClassVar[tuple[str, ...]] = ()

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options."""
        _write_options(self, ctx, formatter, self.headings)


class Group(TyperGroup):
    """A command with commands of its own."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter, ())


def _write_options(
    command: TyperCommand | TyperGroup, ctx: Any, formatter: Any, headings: tuple[str, ...]
) -> None:
    others = "Other" if headings else "Options"
    sections: dict[str, list[tuple[str, str]]] = {each: [] for each in ("Arguments", *headings, others)}
    parameter: Any
    for parameter in command.get_params(ctx):
        name, text = parameter.get_help_record(ctx)
        if parameter.param_type_name == "argument":
            # typer writes the type beside the name, as Python has it.
            sections["Arguments"].append((parameter.metavar, text))
        else:
            panel = parameter.rich_help_panel
            sections[panel if panel in headings else others].append((name, text))
    for heading, rows in sections.items():
        if rows:
            with formatter.section(heading):
                formatter.write_dl(rows)
