"""The settings of the stack as environment variables: for its own processes, and as a file to source in a shell."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from restock.local.ports import HOST, Ports
from restock.local.state import CHECKOUT, Secrets, StackError, State
from restock.warehouse import OWNER_URL

ADMIN = "admin"
WAREHOUSE_DATABASE = "restock"
AIRFLOW_DATABASE = "airflow"
# Where the mail server serves the demo's shop.
SHOP_PATH = "/shop"
# The pool that bounds the connections to providers.
SEND_POOL = "restock_send"

# What a user may set before `make up`, and the stack passes on.
_PASSED_ON = (
    "AIRFLOW_CONN_RESTOCK_",
    "AIRFLOW_VAR_RESTOCK_",
    "AIRFLOW__METRICS__",
    "RESTOCK_ALERT_",
    "RESTOCK_HISTORY_DAYS",
    "RESTOCK_STOCK_QUEUE",
    "RESTOCK_TEMPLATES",
)
_ENV_FILE = "RESTOCK_ENV_FILE"
_ANALYST_URL = "RESTOCK_ANALYST_URL"
# For people: no process of the stack needs them.
_FOR_PEOPLE = (OWNER_URL, _ANALYST_URL)


@dataclass(frozen=True)
class Settings:
    """Where the parts of the stack are and how they are set, as environment variables and folders for the PATH."""

    variables: Mapping[str, str]
    programs: tuple[Path, ...]

    @property
    def warehouse_url(self) -> str:
        """URL of the warehouse as the pipeline's login, password included."""
        return self.variables["RESTOCK_WAREHOUSE_URL"]

    @property
    def owner_url(self) -> str:
        """URL of the warehouse as its owner, who migrates it."""
        return self.variables[OWNER_URL]

    @property
    def has_own_warehouse(self) -> bool:
        """Whether the warehouse lies on the stack's server, and not where the user says."""
        return _ANALYST_URL in self.variables

    @property
    def airflow_url(self) -> str:
        """URL of Airflow's UI and API."""
        return self.variables["AIRFLOW_UI_URL"]

    @property
    def intake_url(self) -> str:
        """URL of the intake service."""
        return self.variables["RESTOCK_INTAKE_URL"]

    @property
    def mailbox_url(self) -> str:
        """URL of the mailbox page."""
        return self.variables["RESTOCK_MAILBOX_URL"]

    @property
    def shop_url(self) -> str | None:
        """URL of the demo's shop; None where the warehouse is not the stack's own."""
        return self.variables.get("RESTOCK_SHOP_URL")

    def process_environment(self) -> dict[str, str]:
        """The whole environment of a process of the stack."""
        inherited = {
            name: value
            for name, value in user_environment().items()
            if not name.startswith(("AIRFLOW", "RESTOCK", "PYTHON", "SQLALCHEMY")) or name.startswith(_PASSED_ON)
        }
        path = os.pathsep.join([*map(str, self.programs), inherited.get("PATH", os.defpath)])
        own = {name: value for name, value in self.variables.items() if name not in _FOR_PEOPLE}
        return {**inherited, **own, "PATH": path}

    def env_file(self) -> str:
        """The text to source in a shell."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self.variables.items()]
        programs = shlex.quote(os.pathsep.join(map(str, self.programs)))
        return "\n".join(
            [
                "# Written at each start of the stack. In a shell:  . .local/env",
                '# Then `airflow …` and `psql "$RESTOCK_WAREHOUSE_URL"` talk to it.',
                *lines,
                f'export PATH={programs}:"$PATH"',
                # Each airflow command would compile every module anew.
                "unset PYTHONDONTWRITEBYTECODE",
                "",
            ]
        )


def make_settings(
    state: State, ports: Ports, server_url: str, secrets: Secrets, programs: tuple[Path, ...]
) -> Settings:
    """Settle where everything is.

    Args:
        state: The stack.
        ports: Its ports.
        server_url: URL of any database of the PostgreSQL server.
        secrets: Its passwords and keys.
        programs: Folders with `airflow` and `psql`, for the PATH.

    Raises:
        StackError: A variable of the user's stands in the way.
    """
    user = user_environment()
    if "AIRFLOW_CONN_RESTOCK_WAREHOUSE" in user:
        raise StackError(
            "AIRFLOW_CONN_RESTOCK_WAREHOUSE is set: unset it and set RESTOCK_WAREHOUSE_URL instead, which serves the "
            "migrations as well."
        )
    warehouse = _warehouse_variables(user, server_url, secrets)
    warehouse_url = warehouse["RESTOCK_WAREHOUSE_URL"]
    airflow_url = f"http://{HOST}:{ports.airflow}"
    mailbox_url = f"http://{HOST}:{ports.mailbox}"
    intake_url = f"http://{HOST}:{ports.intake}"
    landing = user.get("RESTOCK_LANDING") or f"file://{state.landing}"
    _require_landing(landing)
    smtp = (
        f'{{"conn_type": "smtp", "host": "{HOST}", "port": {ports.smtp}, "extra": '
        '{"from_email": "Restock <restock@example.com>", "disable_ssl": true, "disable_tls": true}}'
    )
    variables = {
        **warehouse,
        "RESTOCK_LANDING": landing,
        # The links in messages: where shoppers reach them, and what signs them.
        "RESTOCK_PUBLIC_URL": user.get("RESTOCK_PUBLIC_URL") or intake_url,
        "RESTOCK_LINK_SECRET": user.get("RESTOCK_LINK_SECRET") or secrets.link_secret,
        "RESTOCK_MAILBOX_URL": mailbox_url,
        "RESTOCK_INTAKE_URL": intake_url,
        "RESTOCK_INTAKE_DATABASE_URL": intake_database_url(warehouse_url, secrets),
        **(_shop_variables(mailbox_url, secrets) if _ANALYST_URL in warehouse else {}),
        "RESTOCK_SEND_POOL": SEND_POOL,
        "AIRFLOW_UI_URL": airflow_url,
        "AIRFLOW_CONN_RESTOCK_SMTP": smtp,
        **{name: value for name, value in user.items() if name.startswith(_PASSED_ON)},
        **_airflow_variables(state, ports, metadata_url(server_url, secrets), secrets),
        # Tasks reach the API server directly, whatever proxy leads out of this machine.
        **{name: ",".join(filter(None, [user.get(name), HOST])) for name in ("NO_PROXY", "no_proxy")},
        "PYTHONPATH": str(CHECKOUT / "include"),
        _ENV_FILE: str(state.env),
    }
    return Settings(variables, programs)


def _warehouse_variables(user: Mapping[str, str], server_url: str, secrets: Secrets) -> dict[str, str]:
    """Where the warehouse is, for each login; one that is the user's own has the logins that the user gives."""
    if given := user.get("RESTOCK_WAREHOUSE_URL"):
        return {
            "RESTOCK_WAREHOUSE_URL": given,
            OWNER_URL: user.get(OWNER_URL) or given,
            "AIRFLOW_CONN_RESTOCK_WAREHOUSE": given,
        }
    if OWNER_URL in user:
        raise StackError(f"{OWNER_URL} is set, but not RESTOCK_WAREHOUSE_URL: set both, or neither.")
    server_url = database_url(server_url, WAREHOUSE_DATABASE)
    pipeline = login_url(server_url, "pipeline", secrets.pipeline_password)
    return {
        "RESTOCK_WAREHOUSE_URL": pipeline,
        OWNER_URL: login_url(server_url, "owner", secrets.owner_password),
        _ANALYST_URL: login_url(server_url, "analyst", secrets.analyst_password),
        "AIRFLOW_CONN_RESTOCK_WAREHOUSE": pipeline,
        "AIRFLOW_CONN_RESTOCK_CONSOLE": login_url(server_url, "console", secrets.console_password),
    }


def _shop_variables(mailbox_url: str, secrets: Secrets) -> dict[str, str]:
    """The demo's shop, which books invented deliveries in: not for a warehouse that is somebody's own."""
    return {
        "RESTOCK_SHOP_URL": f"{mailbox_url}{SHOP_PATH}",
        "RESTOCK_WIDGET_KEY": secrets.widget_key,
        "RESTOCK_OPERATOR_KEY": secrets.operator_key,
    }


def _airflow_variables(state: State, ports: Ports, metadata_url: str, secrets: Secrets) -> dict[str, str]:
    url = f"http://{HOST}:{ports.airflow}"
    settings = {
        "core": {
            "dags_folder": str(CHECKOUT / "dags"),
            "plugins_folder": str(CHECKOUT / "plugins"),
            "load_examples": "false",
            "dags_are_paused_at_creation": "false",
            "executor": "LocalExecutor",
            "parallelism": "8",
            "fernet_key": secrets.fernet_key,
            "execution_api_server_url": f"{url}/execution/",
            "simple_auth_manager_users": f"{ADMIN}:admin",
            "simple_auth_manager_passwords_file": str(password_file(state)),
            # An edit of a DAG shows at once.
            "min_serialized_dag_update_interval": "0",
            # Asking the name server for our own name can take seconds where there is none.
            "hostname_callable": "socket.gethostname",
        },
        "database": {"sql_alchemy_conn": _with_scheme(metadata_url, "postgresql+psycopg2")},
        "logging": {
            "base_log_folder": str(state.logs / "airflow"),
            "dag_processor_child_process_log_directory": str(state.logs / "dag_processor"),
            "colored_console_log": "false",
            # Not a line for each request.
            "namespace_levels": "http.access=WARNING",
        },
        "api": {"host": HOST, "port": str(ports.airflow), "base_url": url, "secret_key": secrets.session_key},
        "api_auth": {"jwt_secret": secrets.jwt_secret},
        "dag_processor": {"refresh_interval": "5"},
        "scheduler": {
            # Between two tasks it sleeps so long, several times on the way of a message.
            "scheduler_idle_sleep_time": "0.2",
            # A task whose process was killed is tried again within a minute instead of five.
            "task_instance_heartbeat_sec": "5",
            "task_instance_heartbeat_timeout": "30",
        },
    }
    return {"AIRFLOW_HOME": str(state.airflow_home)} | {
        f"AIRFLOW__{section}__{option}".upper(): value
        for section, options in settings.items()
        for option, value in options.items()
    }


def _require_landing(url: str) -> None:
    scheme, separator, path = url.partition("://")
    if not separator:
        raise StackError(f"RESTOCK_LANDING is {url!r}: set it to a URL, such as file:///srv/landing.")
    if scheme == "file" and not Path(path).is_dir():
        raise StackError(f"There is no folder {path}, which RESTOCK_LANDING names: make it, or correct the variable.")


def password_file(state: State) -> Path:
    """The file in which Airflow's simple auth manager looks passwords up."""
    return state.airflow_home / "passwords.json"


def user_environment() -> dict[str, str]:
    """The environment as the user made it: without what comes from sourcing the env file of a stack, ours or another's.

    Otherwise a second checkout that is started in that shell would work on the first one's databases.
    """
    environment = dict(os.environ)
    sourced = environment.pop(_ENV_FILE, "")
    for name, value in read_env_file(Path(sourced)).items() if sourced else ():
        if environment.get(name) == value:
            del environment[name]
    return environment


def read_env_file(path: Path) -> dict[str, str]:
    """The variables that an env file sets, except the PATH, which it only adds to; empty where there is no file."""
    try:
        words = shlex.split(path.read_text(encoding="utf-8"), comments=True)
    except FileNotFoundError:
        return {}
    pairs = (word.partition("=") for word in words if "=" in word)
    return {name: value for name, _, value in pairs if name != "PATH"}


def database_url(server_url: str, database: str) -> str:
    """URL of another database of the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))


def login_url(server_url: str, part: str, password: str) -> str:
    """URL of a database for the login of one part of the stack. It is the server's, so it is named after the database.

    Args:
        server_url: URL of the database for any user.
        part: Such as `pipeline`.
        password: The login's.
    """
    url = urlsplit(server_url)
    login = f"restock_{part}_of_{url.path.removeprefix('/')}"[:63]
    place = url.netloc.rpartition("@")[2]
    return urlunsplit(url._replace(netloc=f"{quote(login, safe='')}:{quote(password, safe='')}@{place}"))


def metadata_url(server_url: str, secrets: Secrets) -> str:
    """URL of Airflow's own database, for Airflow's login."""
    return login_url(database_url(server_url, AIRFLOW_DATABASE), "metadata", secrets.metadata_password)


def intake_database_url(warehouse_url: str, secrets: Secrets) -> str:
    """The warehouse, for the login of the intake service. It is the server's, so it is named after the database."""
    login = f"restock_intake_of_{conninfo_to_dict(warehouse_url).get('dbname', '')}"[:63]
    return make_conninfo(warehouse_url, user=login, password=secrets.intake_password)


def _with_scheme(url: str, scheme: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme=scheme))
