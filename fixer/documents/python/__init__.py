"""A Python module: what it reads from its environment, and edits that make it read files instead.

Only making a document imports libcst, which takes longer than a check of a whole stack.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain, count

from fixer.documents.python.spans import (
    FOLDER,
    Credential,
    Default,
    Environ,
    EnvironmentRead,
    Instance,
    PythonSyntaxError,
    SettingsClass,
    Text,
)
from fixer.documents.source import Edit, Source

__all__ = [
    "Credential",
    "Default",
    "Environ",
    "EnvironmentRead",
    "Instance",
    "PythonDocument",
    "PythonSyntaxError",
    "SettingsClass",
    "Text",
]

HELPER = "read_secret_file"
HELPER_CODE = '''\
def {name}(name: str) -> "str | None":
    """Give what the file holds that the variable NAME_FILE names; None where that is not set."""
    path = {environ}.get(f"{{name}}_FILE")
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
'''

SECOND_NAME = "operating_system"
"""What the module `os` is called where its name is taken."""


class PythonDocument:
    """A module's text with what it reads from its environment, in the order written.

    Raises PythonSyntaxError.
    """

    def __init__(self, data: bytes) -> None:
        from fixer.documents.python.layout import Layout
        from fixer.documents.python.names import Names
        from fixer.documents.python.tree import Tree
        from fixer.documents.python.visiting import Visitor

        self.source = Source(data)
        tree = Tree(self.source)
        self._tree = tree
        self._names = Names(tree)
        visitor = Visitor(tree, self._names)
        self.reads: list[EnvironmentRead] = visitor.reads
        self.settings: list[SettingsClass] = visitor.settings
        self.environs: list[Environ] = visitor.environs
        self.credentials: list[Credential] = visitor.credentials
        self.defaults: list[Default] = visitor.defaults
        self.texts: list[Text] = visitor.texts
        self._layout = Layout(tree, [each.start for each in self.reads])

    @cached_property
    def instances(self) -> list[Instance]:
        """What the module's top level makes."""
        from fixer.documents.python.instances import Instances

        return Instances(self._tree, self._names).found

    def read_files(self, reads: list[EnvironmentRead]) -> list[Edit]:
        """Give the edits after which variables are taken from the files that `NAME_FILE` names, where
        that is set, with the function that reads them."""
        name, edits = self._helper()
        for read in reads:
            opening, closing = ("(", ")") if read.binds else ("", "")
            text = f"{opening}{name}({read.written}) {read.junction} "
            edits += [Edit(read.start, read.start, text), Edit(read.end, read.end, closing)]
        return [each for each in edits if each.text]

    def _helper(self) -> tuple[str, list[Edit]]:
        """The name of the function that reads files, and the edits that define it before everything
        that needs it, none where it is there."""
        for name in chain([HELPER], (f"{HELPER}_{number}" for number in count(2))):
            if name in self._layout.readers:
                return name, []
            if name not in self._names.used:
                break
        at = self._layout.function_at
        environ, edits = self._environ(at)
        code = HELPER_CODE.format(name=name, environ=environ)
        return name, [*edits, self._layout.defining(code, edits)]

    def _environ(self, offset: int) -> tuple[str, list[Edit]]:
        """What `os.environ` is called at an offset, and the edits that import it, none where that is
        done."""
        for module in sorted(self._names.names_of("os", offset), key=lambda name: name != "os"):
            return f"{module}.environ", []
        for environ in self._names.names_of("os.environ", offset):
            return environ, []
        if self._names.is_free("os", "os", offset):
            return "os.environ", [self._layout.importing("import os", "os")]
        return f"{SECOND_NAME}.environ", [self._layout.importing(f"import os as {SECOND_NAME}", "os")]

    def read_folder(self, settings: SettingsClass, folder: str) -> list[Edit]:
        """Give the edits after which settings are read from the files of a folder, too, each by its
        variable's name."""
        return [each._replace(text=each.text.replace(FOLDER, folder)) for each in settings.edits]

    def file_aware(self, environ: Environ) -> Edit:
        """Give the edit after which django-environ takes variables from the files that `NAME_FILE`
        names."""
        return Edit(environ.start, environ.end, environ.text)

    def read_variable(self, credential: Credential, name: str) -> list[Edit]:
        """Give the edits that put a variable in the place of a text."""
        environ, edits = self._environ(credential.start)
        # Within another text only the quotes that stand here already are sure to be possible.
        quote = self.source.text[credential.end - 1]
        return [*edits, Edit(credential.start, credential.end, f"{environ}[{quote}{name}{quote}]")]

    def require(self, default: Default) -> list[Edit]:
        """Give the edits after which a variable is required that has a default."""
        if not default.is_item:
            return [default.required]
        environ, edits = self._environ(default.start)
        return [*edits, default.required._replace(text=environ + default.required.text)]

    def put_variable(self, text: Text, start: int, end: int, name: str) -> list[Edit] | None:
        """Give the edits that put a variable in the place of a part of a text. None where the text
        cannot hold one, or has braces, which would mean something then."""
        if text.is_fixed or "{" in text.written or "}" in text.written:
            return None
        environ, edits = self._environ(text.start)
        quote = "'" if text.written[0] == '"' else '"'
        return [
            *edits,
            Edit(text.start, text.start, "f"),
            Edit(start, end, f"{{{environ}[{quote}{name}{quote}]}}"),
        ]
