"""A Python module: what it reads from its environment, and edits that make it read files instead.

Only making a document imports libcst, which takes longer than a check of a whole stack.
"""

from __future__ import annotations

from fixer.documents.python.spans import (
    Credential,
    Default,
    Environ,
    EnvironmentRead,
    Import,
    SettingsClass,
    Text,
)
from fixer.documents.source import Edit, Source

__all__ = [
    "Credential",
    "Default",
    "Environ",
    "EnvironmentRead",
    "Import",
    "PythonDocument",
    "PythonSyntaxError",
    "SettingsClass",
    "Text",
]

HELPER = "read_secret_file"
HELPER_CODE = f'''\
def {HELPER}(name: str) -> "str | None":
    """Give what the file holds that the variable NAME_FILE names; None where that is not set."""
    path = os.environ.get(f"{{name}}_FILE")
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
'''


class PythonSyntaxError(Exception):
    """The text is no Python, or of a version that the parser does not know."""


class PythonDocument:
    """A module's text with what it reads from its environment, in the order written.

    Raises PythonSyntaxError.
    """

    def __init__(self, data: bytes) -> None:
        import libcst
        from libcst.metadata import MetadataWrapper

        from fixer.documents.python.visiting import Visitor

        self.source = Source(data)
        try:
            module = libcst.parse_module(self.source.text)
        except (libcst.ParserSyntaxError, RecursionError, UnicodeError) as error:
            raise PythonSyntaxError(type(error).__name__) from None
        visitor = Visitor(self.source)
        MetadataWrapper(module, unsafe_skip_copy=True).visit(visitor)
        self.reads: list[EnvironmentRead] = visitor.reads
        self.settings: list[SettingsClass] = visitor.settings
        self.environs: list[Environ] = visitor.environs
        self.credentials: list[Credential] = visitor.credentials
        self.defaults: list[Default] = visitor.defaults
        self.texts: list[Text] = visitor.texts
        self.imports: list[Import] = visitor.imports
        self._top = visitor.top

    def read_files(self, reads: list[EnvironmentRead]) -> list[Edit]:
        """Give the edits after which variables are taken from the files that `NAME_FILE` names, where
        that is set, with the function that reads them."""
        edits = [self._read_file(each) for each in reads]
        if f"def {HELPER}(" not in self.source.text:
            edits += [*self.import_module("os"), self._function(HELPER_CODE)]
        return edits

    def _read_file(self, read: EnvironmentRead) -> Edit:
        text = f"{HELPER}({read.written}) or {self.source.text[read.start : read.end]}"
        return Edit(read.start, read.end, f"({text})" if read.binds else text)

    def _function(self, code: str) -> Edit:
        """The edit that puts a function behind the imports."""
        text = self.source.text
        at = self.source.line_end(self.imports[-1].end) if self.imports else self._top
        before = "\n\n\n" if self.imports else "\n\n" if text[:at].strip() else ""
        behind = text[at:]
        missing = 3 - (len(behind) - len(behind.lstrip("\n"))) if behind.strip() else 0
        return Edit(at, at, before + code.rstrip("\n") + "\n" * missing)

    def import_module(self, name: str) -> list[Edit]:
        """Give the edit that imports a module of Python's own, none where that is done: in the order of
        its group, which opens the imports."""
        if any(each.names == ((name, name),) and not each.module for each in self.imports):
            return []
        statement = f"import {name}"
        others = [each for each in self.imports if each.module != "__future__"]
        group = [each for each in others if each.is_own]
        for each in group:
            if each.module or each.names[0][0] > name:
                return [Edit(each.start, each.start, f"{statement}\n")]
        if group:
            end = self.source.line_end(group[-1].end)
            return [Edit(end, end, f"\n{statement}")]
        if others:
            return [Edit(others[0].start, others[0].start, f"{statement}\n\n")]
        if self.imports:
            end = self.source.line_end(self.imports[-1].end)
            return [Edit(end, end, f"\n\n{statement}")]
        before = "\n" if self.source.text[: self._top].strip() else ""
        return [Edit(self._top, self._top, f"{before}{statement}\n\n")]

    def read_folder(self, settings: SettingsClass, folder: str) -> list[Edit]:
        """Give the edits after which settings are read from the files of a folder, too, each by its
        variable's name."""
        argument = f'secrets_dir="{folder}"'
        if settings.form == "call":
            comma = "" if self.source.text[: settings.at].rstrip().endswith("(") else ", "
            comma = f",\n{settings.indent}" if settings.indent else comma
            return [Edit(settings.at, settings.at, comma + argument)]
        if settings.form == "class":
            line = f'{settings.indent}secrets_dir = "{folder}"\n'
            return [Edit(settings.at, settings.at, line)]
        if not settings.is_newer:
            lines = f'\n{settings.indent}class Config:\n{settings.indent * 2}secrets_dir = "{folder}"\n'
            return [Edit(settings.at, settings.at, lines)]
        line = f"{settings.indent}model_config = SettingsConfigDict({argument})\n\n"
        edits = [Edit(settings.at, settings.at, line)]
        for each in self.imports:
            is_there = any(name == "SettingsConfigDict" for name, _ in each.names)
            if each.module == "pydantic_settings" and not is_there:
                edits.append(Edit(each.last_name, each.last_name, ", SettingsConfigDict"))
        return edits

    def file_aware(self, environ: Environ) -> Edit:
        """Give the edit after which django-environ takes variables from the files that `NAME_FILE`
        names."""
        return Edit(environ.start, environ.end, "FileAwareEnv")

    def read_variable(self, credential: Credential, name: str) -> list[Edit]:
        """Give the edits that put a variable in the place of a text."""
        return [
            Edit(credential.start, credential.end, f'os.environ["{name}"]'),
            *self.import_module("os"),
        ]

    def require(self, default: Default) -> list[Edit]:
        """Give the edits after which a variable is required that has a default."""
        is_item = default.required.text.startswith("os.environ")
        return [default.required, *(self.import_module("os") if is_item else ())]

    def put_variable(self, text: Text, start: int, end: int, name: str) -> list[Edit] | None:
        """Give the edits that put a variable in the place of a part of a text. None where the text
        has braces, which would mean something then."""
        if "{" in text.written or "}" in text.written:
            return None
        quote = "'" if text.written[0] == '"' else '"'
        return [
            Edit(text.start, text.start, "f"),
            Edit(start, end, f"{{os.environ[{quote}{name}{quote}]}}"),
            *self.import_module("os"),
        ]
