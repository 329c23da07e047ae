"""A command gets a Node that is new enough: the machine's own, or one that pip brings."""

from __future__ import annotations

import sys

from bare_machine import BareMachine, write_command

OLD = 'case "$1" in -e) exit 1 ;; -p) echo "$0" ;; --version) echo v18.0.0 ;; esac'
NEW = OLD.replace("exit 1", "exit 0").replace("v18.0.0", "v24.0.0")
INSTALLING = """#!{python}
import pathlib
for name, script in {{"node": {node!r}, "npm": ""}}.items():
    command = pathlib.Path(".venv/bin", name)
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text("#!/bin/sh\\n" + script)
    command.chmod(0o755)
"""


def test_a_node_that_is_new_enough_is_the_one_of_the_machine(machine: BareMachine) -> None:
    node = machine.has("node", NEW)
    machine.has("npm")

    done = machine.run("bin/with-node", "sh", "-c", 'echo "$PLAYWRIGHT_NODEJS_PATH"')

    assert (done.returncode, done.stdout.strip()) == (0, str(node)), done.stderr


def test_where_it_is_too_old_the_one_that_pip_brings_is_taken_at_once(machine: BareMachine) -> None:
    machine.has("node", OLD)
    machine.has("npm")
    write_command(machine.project / "bin" / "pip-install", INSTALLING.format(python=sys.executable, node=NEW))
    write_command(machine.project / "bin" / "mend-scripts", "#!/bin/sh\n")

    done = machine.run("bin/with-node", "node", "--version")

    assert (done.returncode, done.stdout.strip()) == (0, "v24.0.0"), done.stderr
