"""A shell script does the same when variables take the place of texts in it, as the real shell says."""

from __future__ import annotations

import os
import subprocess

import pytest

from fixer.documents.shell import ShellScript

VALUE = "kelp drum-44"
SOLID = "kelp-drum-44"

SCRIPTS = {
    "a bare word": f"printf '%s|' -p{SOLID} end\n",
    "a word in quotes": f"printf '%s|' -p'{VALUE}' \"{VALUE}\"\n",
    "double quotes": f"echo \"PASSWORD '{VALUE}' $HOME\"\n",
    "single quotes": f"echo 'PASSWORD \"{VALUE}\" $HOME'\n",
    "quotes of quotes": f"sh -c 'echo \"PASSWORD '\\''{VALUE}'\\''\"'\n",
    "a here-document": f"cat <<EOF\nÜber $HOME \\`x\\` '{VALUE}'\nEOF\n",
    "an indented here-document": f"if true; then\n\tcat <<-EOF\n\t\t'{VALUE}'\n\tEOF\nfi\n",
    "a here-document in quotes": f"cat <<'EOF'\n\"{VALUE}\"\nEOF\n",
    "a here-document behind a backslash": f"cat <<\\EOF\n'{VALUE}'\nEOF\n",
    "a command in a here-document": f"cat <<EOF\n$(printf '%s' -p{SOLID})\nEOF\n",
    "a here-string": f"cat <<<\"'{VALUE}'\"\n",
    "an assignment": f"X={SOLID} env | grep ^X=\nY='{VALUE}'; echo \"$Y\"\n",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_variable_takes_the_place_of_a_text(text: str) -> None:
    script = ShellScript(text.encode())
    edits = [
        edit
        for value in (VALUE, SOLID)
        for at in range(len(text))
        if text.startswith(value, at)
        for edit in script.use_variable(at, at + len(value), "SPACED" if value == VALUE else "PLAIN")
        or ()
    ]
    changed = script.source.edited(dict.fromkeys(edits))
    assert VALUE.encode() not in changed
    assert SOLID.encode() not in changed
    assert output(changed) == output(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f"cat <<'EOF'\n'{VALUE}' costs $5\nEOF\n",
        f"echo $'{VALUE}'\n",
        f"# '{VALUE}'\n",
        f"if true; then echo '{VALUE}'\n",
    ],
)
def test_where_there_is_no_way_nothing_changes(text: str) -> None:
    at = text.index(VALUE)
    assert ShellScript(text.encode()).use_variable(at, at + len(VALUE), "SPACED") is None


def test_an_assignment_under_a_condition_is_not_always_made() -> None:
    text = "A=1\nexport B=2\nif true; then C=3; fi\nD=4 env\nf() { local E=5; }\n"
    script = ShellScript(text.encode())
    made = [script.is_always_assigned(text.index(each)) for each in "12345"]
    assert made == [True, True, False, False, False]


def output(script: bytes) -> bytes:
    environment = {**os.environ, "SPACED": VALUE, "PLAIN": SOLID}
    return subprocess.run(
        ["bash", "-eu"], input=script, capture_output=True, check=True, env=environment
    ).stdout
