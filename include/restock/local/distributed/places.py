"""What must differ from containers: one table. Everything else comes from docker-compose.yaml as it stands.

| in a container | here |
|---|---|
| a host name for each service, with the usual port | 127.0.0.1 and a free port |
| `/opt/airflow` with the mounts in it | a folder of the state with links to the same mounts |
| the landing and template folders of .env | folders of the state |
| a host name of its own for each worker | `HOSTNAME`, and a name of its own in Celery's cluster |
| log servers of workers and triggerer | none: they listen on every interface, and all logs are in one folder |
| `chown` and `user:` | ourselves |
| curl, mailpit and its readiness check | our HTTP client; this project's mailbox |
| PostgreSQL's image | the embedded server, with the superuser and the script that the file gives it |
| `restart: unless-stopped` | `make up-distributed` again starts what is missing |
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from restock.local.distributed.compose import Service
from restock.local.environment import user_environment
from restock.local.ports import HOST
from restock.local.state import CHECKOUT, State

PORTS = {
    "airflow": 8080,
    "postgres": 15432,
    "redis": 6379,
    "smtp": 1025,
    "mailbox": 8025,
    "intake": 8090,
    "scheduler_health": 8974,
}
_HOME = "/opt/airflow"
# What the files inside containers say, and which of our ports it means.
_ADDRESSES = (
    ("postgres:5432", "postgres"),
    ("redis:6379", "redis"),
    ("airflow-apiserver:8080", "airflow"),
    ("localhost:8080", "airflow"),
    ("localhost:8974", "scheduler_health"),
    ("localhost:8090", "intake"),
)
_JSON_ADDRESSES = (("postgres", 5432, "postgres"), ("mailpit", 1025, "smtp"))
_OWNER_CHANGES = re.compile(r"^\s*chown .*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Places:
    """Where the parts of one stack are.

    Attributes:
        state: Its folder.
        ports: As in PORTS.
        programs: Folders for the PATH: this Python's, and that of PostgreSQL's programs.
    """

    state: State
    ports: Mapping[str, int]
    programs: Sequence[Path]

    @property
    def home(self) -> Path:
        """The folder that stands for /opt/airflow."""
        return self.state.airflow_home

    def url(self, service: str) -> str:
        """URL of one of the services that speak HTTP, by the name of its port."""
        return f"http://{HOST}:{self.ports[service]}"

    def variables(self) -> dict[str, str]:
        """What goes before the same names of .env."""
        return {
            "RESTOCK_LANDING_DIR": str(self.state.landing),
            "RESTOCK_TEMPLATES_DIR": str(self.state.root / "templates"),
            "RESTOCK_PUBLIC_URL": self.url("intake"),
        }

    def outside(self, mount: str) -> Path:
        """The folder of this machine that a mount of the file means: a named volume is a folder of the state."""
        if mount.startswith("./"):
            return CHECKOUT / mount
        return Path(mount) if mount.startswith("/") else self.state.root / "volumes" / mount

    def make_home(self, service: Service) -> None:
        """Lay the mounts of an Airflow service where its container would have them."""
        self.home.mkdir(parents=True, exist_ok=True)
        for inside, mount in service.mounts.items():
            outside = self.outside(mount)
            outside.mkdir(parents=True, exist_ok=True)
            link = self.home / Path(inside).relative_to(_HOME)
            if not (link.is_symlink() and link.readlink() == outside):
                link.unlink(missing_ok=True)
                link.symlink_to(outside)

    def translate(self, text: str) -> str:
        """A text of the file (a word of a command, a variable) with the names of containers replaced."""
        for address, service in _ADDRESSES:
            text = text.replace(address, f"{HOST}:{self.ports[service]}")
        for name, port, service in _JSON_ADDRESSES:
            if f'"host": "{name}"' in text:
                text = text.replace(f'"host": "{name}"', f'"host": "{HOST}"')
                text = text.replace(f'"port": {port}', f'"port": {self.ports[service]}')
        return _OWNER_CHANGES.sub("", text).replace(_HOME, str(self.home))

    def command(self, service: Service, name: str) -> list[str]:
        """The command of a service, as the entrypoint of its image would run it."""
        words = [self.translate(word) for word in service.command]
        if service.name == "redis":
            folder = str(self.outside(service.mounts["/data"]))
            options = ["--bind", HOST, "--port", str(self.ports["redis"]), "--dir", folder]
            # A title of its own would overwrite the environment, by which the processes of a stack are known.
            return [*words, *options, "--set-proc-title", "no"]
        if service.name == "intake":
            # Inside a container every interface is the container's own.
            own = {"0.0.0.0": HOST, "8090": str(self.ports["intake"])}  # noqa: S104
            return [own.get(word, word) for word in words]
        if words[0] not in {"bash", "python"}:
            words.insert(0, "airflow")
        if words[1:3] == ["celery", "worker"]:
            words += ["--celery-hostname", name]
        if words[-1] == "triggerer" or words[1:3] == ["celery", "worker"]:
            words.append("--skip-serve-logs")
        return words

    def environment(self, service: Service, name: str) -> dict[str, str]:
        """The whole environment of a process: what the file gives the service, and little of ours."""
        user = user_environment()
        kept = {key: user[key] for key in ("HOME", "LANG", "LC_ALL", "TMPDIR", "USER") if key in user}
        path = os.pathsep.join([*map(str, self.programs), user.get("PATH", os.defpath)])
        found = {key: self.translate(value) for key, value in service.environment.items()}
        if "AIRFLOW__CORE__EXECUTOR" in found:
            found |= self._airflow_settings()
        return kept | found | {"PATH": path, "HOSTNAME": name, "NO_PROXY": HOST, "no_proxy": HOST}

    def _airflow_settings(self) -> dict[str, str]:
        """What the image settles by its folders and its host name, and the ports."""
        return {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "restock.local.distributed.names.container_name",
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(self.ports["airflow"]),
            "AIRFLOW__API__BASE_URL": self.url("airflow"),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": HOST,
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self.ports["scheduler_health"]),
        }


def own_programs() -> Path:
    """The folder with this Python's programs, `airflow` among them."""
    return Path(sys.executable).parent
