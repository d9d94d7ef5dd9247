"""docker-compose.yaml as Compose reads it: variables filled in from a .env, and each service as it is to run."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from restock.local.state import CHECKOUT, StackError

COMPOSE_FILE = CHECKOUT / "docker-compose.yaml"
ENV_EXAMPLE = CHECKOUT / ".env.example"
# $$ stands for a dollar, ${NAME} for a variable, ${NAME:?hint} for one that must not be empty.
_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?P<required>:\?(?P<hint>[^}]*))?\})")
_ASSIGNMENT = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)
_MAKE_ENV = re.compile(r"^# (\(umask .*\))$", re.MULTILINE)


@dataclass(frozen=True)
class Service:
    """One service of the file, with every variable filled in.

    Attributes:
        name: Its name.
        image: Its image; empty where it is built.
        command: Its command as words; empty where the image's own runs.
        environment: What its container gets.
        mounts: Folder or volume outside by path inside.
        health: Its health check as words: `CMD`, or `CMD-SHELL` and one text; empty where it has none.
        scripts: Texts of the configs that are mounted into it, by path inside.
        needs: The services that it waits for.
    """

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: Mapping[str, str]
    health: tuple[str, ...]
    scripts: Mapping[str, str]
    needs: tuple[str, ...]


def make_env_file(folder: Path) -> Path:
    """The .env of a stack: made once, in its folder, by the command that stands in .env.example.

    Raises:
        StackError: The command is not there any more, or does not work.
    """
    env_file = folder / ".env"
    if env_file.exists():
        return env_file
    command = _MAKE_ENV.search(ENV_EXAMPLE.read_text(encoding="utf-8"))
    if command is None:
        raise StackError(f"{ENV_EXAMPLE} has no command that makes a .env: put it back, as a line `# (umask …)`.")
    shutil.copy(ENV_EXAMPLE, folder / ENV_EXAMPLE.name)
    # With the interpreter that we run on as python3.
    text = command[1].replace("python3 ", f"{shlex.quote(sys.executable)} ", 1)
    outcome = subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        env_file.unlink(missing_ok=True)
        raise StackError(f"The command in {ENV_EXAMPLE} made no .env: {outcome.stderr.strip()}")
    return env_file


def read_variables(env_file: Path) -> dict[str, str]:
    """The variables of a .env."""
    return dict(_ASSIGNMENT.findall(env_file.read_text(encoding="utf-8")))


def read_services(variables: Mapping[str, str], file: Path = COMPOSE_FILE) -> dict[str, Service]:
    """The services of the file.

    Raises:
        StackError: A variable is missing; the message is the file's own hint.
    """
    content = _fill_in(yaml.safe_load(file.read_text(encoding="utf-8")), variables)
    return {name: _service(name, found, content) for name, found in content["services"].items()}


def _service(name: str, found: Mapping[str, Any], content: Mapping[str, Any]) -> Service:
    command = found.get("command", [])
    mounts = (mount.split(":") for mount in found.get("volumes", []))
    return Service(
        name=name,
        image=found.get("image", ""),
        command=tuple(shlex.split(command) if isinstance(command, str) else command),
        environment={key: str(value) for key, value in found.get("environment", {}).items()},
        mounts={inside: outside for outside, inside, *_ in mounts},
        health=tuple(found.get("healthcheck", {}).get("test", [])),
        scripts={each["target"]: content["configs"][each["source"]]["content"] for each in found.get("configs", [])},
        needs=tuple(found.get("depends_on", {})),
    )


def _fill_in(node: Any, variables: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever YAML holds
    if isinstance(node, dict):
        return {key: _fill_in(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill_in(value, variables) for value in node]
    if not isinstance(node, str):
        return node

    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        text = variables.get(found["name"], "")
        if not text and found["required"]:
            raise StackError(f"{found['name']} is missing in .env: {found['hint']}")
        return text

    return _REFERENCE.sub(value, node)
