"""The files that put Ordercall somewhere name only commands, settings and paths that there are."""

from __future__ import annotations

import dataclasses
import re
import shlex
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import yaml

from ordercall.cli import cli
from ordercall.config import Settings
from ordercall.processes.descriptors import MOST_CONNECTIONS, OTHERS

ROOT = Path(__file__).parents[1]
ENDS_WITHIN_SECONDS = 10  # what docs/operations.md promises of SIGTERM
SETTINGS = {field.name.upper() for field in dataclasses.fields(Settings)}


def read(name: str) -> str:
    return (ROOT / name).read_text()


def dockerfile(instruction: str) -> list[str]:
    """Return what stands behind each such instruction, its lines joined."""
    joined = read("Dockerfile").replace("\\\n", " ")
    return re.findall(rf"^{instruction} +(.+)$", joined, re.MULTILINE)


def is_command(line: str) -> bool:
    """Return whether a line such as ``/opt/bin/ordercall db upgrade`` starts a command of this program."""
    program, *names = shlex.split(line)
    command: click.Command = cli
    for name in names:
        found = command.commands.get(name) if isinstance(command, click.Group) else None
        if found is None:
            return False
        command = found
    return Path(program).name == "ordercall" and not isinstance(command, click.Group)


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(read("compose.yaml"))["services"])


def ours() -> dict[str, Any]:
    """Return the services that run this program's image."""
    return {name: service for name, service in compose().items() if service["image"] == "ordercall"}


def service() -> ConfigParser:
    unit = ConfigParser(interpolation=None, strict=False)  # a unit may repeat a key
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(read("deploy/ordercall.service"))
    return unit


def test_the_image_starts_a_command_that_exists() -> None:
    [command] = dockerfile("CMD")

    assert is_command(" ".join(re.findall(r'"([^"]+)"', command)))


def test_the_image_sets_only_what_is_a_setting() -> None:
    [environment] = dockerfile("ENV")

    assert set(re.findall(r"(\w+)=", environment)) - {"PATH", "PYTHONUNBUFFERED"} <= SETTINGS


def test_what_the_image_copies_exists_and_reaches_the_builder() -> None:
    copied = [name for line in dockerfile("COPY") if not line.startswith("--from") for name in line.split()[:-1]]

    assert "requirements/run.txt" in copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in copied} - set(read(".dockerignore").splitlines()) == set()


def test_the_image_runs_as_a_user_that_it_makes_named_by_number() -> None:
    [user] = dockerfile("USER")
    uid, gid = user.split(":")  # an orchestrator that refuses root reads numbers only

    assert f" --uid {uid} --user-group " in dockerfile("RUN")[-1]
    assert int(uid) == int(gid) > 0
    assert f"as the user {uid}," in read("docs/deployment.md")


def test_every_process_of_the_procfile_is_a_command() -> None:
    lines = dict(line.split(": ") for line in read("Procfile").splitlines())

    assert set(lines) == {"release", "web", "worker"}
    assert [line for line in lines.values() if not is_command(line.removeprefix("HOST=0.0.0.0 "))] == []


def test_the_service_starts_what_make_setup_makes() -> None:
    command = service()["Service"]["ExecStart"]

    assert is_command(command)
    assert command.startswith("/opt/ordercall/.venv/bin/")


def test_the_service_may_write_to_its_own_folder_and_nowhere_else() -> None:
    settings = service()["Service"]

    assert settings["ProtectSystem"] == "strict"
    assert settings["WorkingDirectory"] == f"/var/lib/{settings['StateDirectory']}"
    assert "ReadWritePaths" not in settings


def test_the_service_allows_as_many_connections_as_the_program_takes() -> None:
    assert int(service()["Service"]["LimitNOFILE"]) >= MOST_CONNECTIONS + OTHERS


def test_every_service_of_ours_runs_a_command_with_nothing_but_settings() -> None:
    assert set(ours()) == {"web", "worker", "upgrade"}
    assert [name for name, service in ours().items() if not is_command(service["command"])] == []
    assert {name for service in ours().values() for name in service["environment"]} <= SETTINGS


def test_one_service_builds_the_image_of_all() -> None:
    assert [name for name, service in compose().items() if "build" in service] == ["upgrade"]


def test_containers_hear_sigterm_from_the_start_and_have_the_time_to_end() -> None:
    [alone] = re.findall(r"docker run --detach .+", read("docs/deployment.md").replace("\\\n", " "))
    options = shlex.split(alone)

    assert "--init" in options
    assert int(options[options.index("--stop-timeout") + 1]) > ENDS_WITHIN_SECONDS
    for service in ours().values():
        assert service["init"] is True
        assert int(service["stop_grace_period"].removesuffix("s")) > ENDS_WITHIN_SECONDS


def test_the_example_of_the_settings_reads_the_same_to_docker_and_to_compose() -> None:
    values = [line.partition("=")[2] for line in read(".env.example").splitlines() if not line.startswith("#")]

    assert [value for value in values if set(value) & set("\"'$#\\") or value != value.strip()] == []


def test_the_tables_are_made_before_anything_serves() -> None:
    services = compose()

    assert services["upgrade"]["command"] == "ordercall db upgrade"
    assert services["upgrade"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}


def test_the_database_keeps_its_data_in_a_volume_and_its_password_in_the_env_file() -> None:
    services = yaml.safe_load(read("compose.yaml"))
    database = services["services"]["database"]

    [volume] = database["volumes"]
    assert volume.split(":")[0] in services["volumes"]
    assert database["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert all(service["env_file"] == ".env" for service in ours().values())
