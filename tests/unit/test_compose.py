"""docker-compose.yaml, which cannot run in a test: held against the Compose specification and this repository."""

import json
import os
import re
import runpy
import stat
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from psycopg.conninfo import conninfo_to_dict

from restock.channels.email import SmtpServer
from restock.warehouse import connect

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
TEXT = COMPOSE.read_text(encoding="utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:\?[^}]+)?([^}]*)\}")

COMMANDS = {
    "airflow-apiserver": "api-server",
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag-processor",
    "airflow-triggerer": "triggerer",
    "airflow-history": ["python", "-m", "restock.history", "--daily"],
    "airflow-worker": "celery worker",
}
OTHERS = {"airflow-init", "intake", "watch", "postgres", "redis", "mailpit"}


def interpolate(text: str) -> str:
    """Compose's own substitution, with a value for each variable."""
    return VARIABLE.sub(lambda found: f"value-of-{found[1]}", text).replace("$$", "$")


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    """Services as they stand in the file."""
    return yaml.safe_load(TEXT)["services"]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Services as Compose sees them."""
    return yaml.safe_load(interpolate(TEXT))["services"]


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)],
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_file_fits_the_compose_specification(tmp_path):
    outcome = validate(COMPOSE)
    assert outcome.returncode == 0, outcome.stdout
    wrong = tmp_path / "docker-compose.yaml"
    wrong.write_text(TEXT.replace("healthcheck:", "healthchecks:", 1), encoding="utf-8")
    assert validate(wrong).returncode == 1


def test_every_variable_stops_compose_with_a_hint_where_it_is_missing():
    found = list(VARIABLE.finditer(TEXT))
    assert len(found) > 10
    assert [match[0] for match in found if not match[2] or match[3]] == []
    assert all("env.example" in match[2] or "id -u" in match[2] for match in found)
    # Without braces a variable would be empty where it is missing.
    assert re.findall(r"(?<!\$)\$(?![{$])\w+", TEXT) == []


def test_the_command_in_the_env_example_makes_an_own_secret_for_every_empty_name(tmp_path):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env.example").write_text(example, encoding="utf-8")
    command = re.search(r"^# (\(umask .*\))$", example, re.MULTILINE)[1]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def run() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["bash", "-c", command], check=False, cwd=tmp_path, env=environment, capture_output=True)

    assert run().returncode == 0
    env = tmp_path / ".env"
    written = env.read_text(encoding="utf-8")
    values = dict(re.findall(r"^(\w+)=(.*)$", written, re.MULTILINE))
    assert set(values) == {match[1] for match in VARIABLE.finditer(TEXT)}
    assert values["AIRFLOW_UID"] == str(os.getuid())
    secrets = {name: value for name, value in values.items() if f"\n{name}=\n" in example and name != "AIRFLOW_UID"}
    assert len(set(secrets.values())) == len(secrets) >= 8
    assert all(len(value) >= 44 for value in secrets.values())
    Fernet(values["AIRFLOW_FERNET_KEY"])
    # They stand in URLs and in JSON as they are.
    assert all(re.fullmatch(r"[\w=-]+", value) for value in secrets.values())
    assert stat.S_IMODE(env.stat().st_mode) == 0o600

    assert run().returncode != 0
    assert env.read_text(encoding="utf-8") == written


def test_git_never_sees_the_secrets():
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_no_secret_stands_in_the_file(raw):
    for service in raw.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|_KEY$|AUTH$", name):
                assert VARIABLE.fullmatch(value), name
            for password in re.findall(r"://[^:/]*:(.*?)@", value) + re.findall(r'"password": "(.*?)"', value):
                assert VARIABLE.fullmatch(password), name
    assert not re.search(r"password '(?!:)", TEXT)


def test_the_services_are_those_of_the_design_with_their_commands(services):
    assert set(services) == set(COMMANDS) | OTHERS
    assert {name: services[name]["command"] for name in COMMANDS} == COMMANDS


def test_the_airflow_services_share_one_image_one_configuration_and_one_set_of_mounts(raw):
    shared = raw["airflow-scheduler"]
    own = {"airflow-worker": {"DUMB_INIT_SETSID"}, "airflow-init": {"AIRFLOW_UID", "AIRFLOW_ADMIN_PASSWORD"}}
    own["airflow-init"] |= {"RESTOCK_WAREHOUSE_URL", "RESTOCK_WAREHOUSE_OWNER_URL"}
    own["airflow-history"] = {"RESTOCK_HISTORY_DAYS"}
    for name in [*COMMANDS, "airflow-init"]:
        service = raw[name]
        assert (service["build"], service["volumes"]) == (shared["build"], shared["volumes"])
        assert "image" not in service, "several services that build one tag fail at the first build"
        difference = dict(service["environment"].items() - shared["environment"].items())
        assert set(difference) == own.get(name, set())
        assert shared["environment"].items() <= service["environment"].items()
        assert service["user"] == ("0:0" if name == "airflow-init" else shared["user"])


def airflow_settings() -> set[str]:
    """Environment names of all settings that the installed Airflow knows, read without importing it."""
    airflow = Path(find_spec("airflow").submodule_search_locations[0])
    core = yaml.safe_load((airflow / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    celery = runpy.run_path(str(airflow / "providers" / "celery" / "get_provider_info.py"))["get_provider_info"]()
    return {
        f"AIRFLOW__{name}__{option}".upper()
        for sections in (core, celery["config"])
        for name, section in sections.items()
        for option in section["options"]
    }


def test_every_airflow_setting_is_one_that_this_airflow_knows(services):
    settings = {name for name in services["airflow-worker"]["environment"] if name.startswith("AIRFLOW__")}
    assert len(settings) > 10
    assert settings - airflow_settings() == {"AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES"}
    # Airflow reads it and has it not in its own list of settings.
    airflow = Path(find_spec("airflow").submodule_search_locations[0])
    assert '"num_stuck_in_queued_retries"' in (airflow / "jobs" / "scheduler_job_runner.py").read_text(encoding="utf-8")


def test_a_task_whose_worker_was_killed_is_found_in_less_than_a_minute(services):
    settings = services["airflow-scheduler"]["environment"]
    prefix = "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT"
    beat, timeout = int(settings[f"{prefix}_SEC"]), int(settings[f"{prefix}_TIMEOUT"])
    assert timeout + int(settings[f"{prefix}_TIMEOUT_DETECTION_INTERVAL"]) < 60
    # A slow beat or two must not look like a death.
    assert beat * 3 <= timeout


def test_a_task_that_nobody_began_is_queued_again_in_less_than_a_minute_and_not_failed(services):
    settings = services["airflow-scheduler"]["environment"]
    prefix = "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"
    timeout, interval = int(settings[prefix]), int(settings[f"{prefix}_CHECK_INTERVAL"])
    assert timeout + interval < 60
    # A worker that took the message between the time-out and the next look must still be let in, or the task fails.
    airflow = Path(find_spec("airflow").submodule_search_locations[0])
    core = yaml.safe_load((airflow / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    assert interval < int(core["api_auth"]["options"]["jwt_leeway"]["default"])
    # Waiting for a free slot, or for workers that are away, is no failure for hours.
    assert int(settings["AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES"]) * timeout > 6 * 3600


def test_what_the_pipeline_reads_from_the_environment_is_set(services):
    read = set()
    for file in [*(ROOT / "dags").glob("*.py"), *(ROOT / "include" / "restock").rglob("*.py")]:
        # These two run the embedded stack instead.
        if not {"local", "demo"} & set(file.relative_to(ROOT).parts):
            read |= set(re.findall(r"\bRESTOCK_[A-Z_]+", file.read_text(encoding="utf-8")))
    assert len(read) > 3
    readers = ("airflow-worker", "airflow-history", "airflow-init", "intake", "watch")
    # Whoever restores a backup gives that one, in a shell.
    known = {name for each in readers for name in services[each]["environment"]} | {"RESTOCK_SERVER_URL"}
    # What ends in _ begins the names of several.
    assert {
        name for name in read - known if not (name.endswith("_") and any(k.startswith(name) for k in known))
    } == set()


def test_the_connections_lead_to_the_services_beside_them(services):
    environment = services["airflow-worker"]["environment"]
    for part, name in {"pipeline": "WAREHOUSE", "console": "CONSOLE"}.items():
        warehouse = json.loads(environment[f"AIRFLOW_CONN_RESTOCK_{name}"])
        assert (warehouse["conn_type"], warehouse["host"], warehouse["schema"]) == ("postgres", "postgres", "restock")
        assert warehouse["login"] == f"restock_{part}_service"
        assert warehouse["password"] == services["postgres"]["environment"][f"RESTOCK_{part.upper()}_DB_PASSWORD"]
    smtp = json.loads(environment["AIRFLOW_CONN_RESTOCK_SMTP"])
    server = SmtpServer.from_connection(smtp["host"], smtp["port"], None, None, smtp["extra"])
    assert (smtp["conn_type"], server.host, server.port, server.encryption) == ("smtp", "mailpit", 1025, "none")


def test_the_intake_service_runs_apart_from_airflow_with_a_login_of_its_own(services, raw):
    intake = services["intake"]
    assert intake["build"] == services["airflow-worker"]["build"]
    assert not [name for name in intake["environment"] if "AIRFLOW" in name]
    login = conninfo_to_dict(intake["environment"]["RESTOCK_INTAKE_DATABASE_URL"])
    assert (login["user"], login["host"], login["dbname"]) == ("restock_intake_service", "postgres", "restock")
    assert login["password"] == services["postgres"]["environment"]["RESTOCK_INTAKE_DB_PASSWORD"]
    # Both sign and read the same links.
    for name in ("RESTOCK_PUBLIC_URL", "RESTOCK_LINK_SECRET"):
        assert raw["intake"]["environment"][name] == raw["airflow-worker"]["environment"][name]
    port = intake["command"][intake["command"].index("--port") + 1]
    assert intake["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert intake["healthcheck"]["test"][-1] == f"http://localhost:{port}/v1/health"


def test_the_watch_service_needs_no_airflow_and_tells_the_same_people(services, raw):
    watch, worker = raw["watch"], raw["airflow-worker"]
    assert watch["build"] == worker["build"]
    alone = {"RESTOCK_WAREHOUSE_URL", "CONNECTION_CHECK_MAX_COUNT", "PYTHONPATH"}
    shared = {name: text for name, text in watch["environment"].items() if name not in alone}
    assert set(shared) == {"AIRFLOW_CONN_RESTOCK_ALERTS", "RESTOCK_ALERT_NO_NOTIFY_RUN"}
    assert shared.items() <= worker["environment"].items()
    assert "airflow-apiserver" not in watch["depends_on"]
    login = conninfo_to_dict(services["watch"]["environment"]["RESTOCK_WAREHOUSE_URL"])
    assert (login["user"], login["host"], login["dbname"]) == ("restock_pipeline_service", "postgres", "restock")
    assert login["password"] == services["postgres"]["environment"]["RESTOCK_PIPELINE_DB_PASSWORD"]
    alerts = json.loads(watch["environment"]["AIRFLOW_CONN_RESTOCK_ALERTS"])
    assert (alerts["conn_type"], alerts["host"], alerts["extra"]["to"]) == ("smtp", "mailpit", "oncall@example.com")


def test_the_watch_service_looks_and_its_health_check_sees_it(services, warehouse_url, tmp_path):
    """By the command and the health check of the file, on the folder of the test."""
    service, beat = services["watch"], tmp_path / "watch-beat"

    def here(words: list[str]) -> list[str]:
        return [word.replace("/opt/airflow/watch-beat", f"'{beat}'" if "find" in word else str(beat)) for word in words]

    check = ["sh", "-c", *here(service["healthcheck"]["test"][1:])]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 1
    own = {"RESTOCK_WAREHOUSE_URL": warehouse_url, "PYTHONPATH": str(ROOT / "include"), "TMPDIR": str(tmp_path)}
    command = [sys.executable, *here(service["command"][1:])]
    with subprocess.Popen(command, env=os.environ | own, stderr=subprocess.PIPE) as watch:
        while not beat.exists():
            assert watch.poll() is None, watch.stderr.read()
            time.sleep(0.2)
        assert subprocess.run(check, check=False).returncode == 0
        watch.terminate()
        assert watch.wait(60) == 0
    with connect(warehouse_url) as warehouse:
        assert warehouse.execute("select looked_by from restock.watch").fetchone() == ("watch service",)
    os.utime(beat, (0, 0))
    assert subprocess.run(check, check=False).returncode == 1


def test_every_mount_exists_in_the_repository_or_is_a_named_volume(services):
    volumes = yaml.safe_load(TEXT)["volumes"]
    for service in services.values():
        for mount in service.get("volumes", []):
            source, target, *mode = mount.split(":")
            if source == "value-of-RESTOCK_LANDING_DIR":
                assert services["airflow-worker"]["environment"]["RESTOCK_LANDING"] == f"file://{target}"
            elif source == "value-of-RESTOCK_TEMPLATES_DIR":
                assert services["airflow-worker"]["environment"]["RESTOCK_TEMPLATES"] == target
                assert mode == ["ro"]
            elif source.startswith("./"):
                assert (ROOT / source).is_dir()
                assert (target, mode) == (f"/opt/airflow/{source[2:]}", ["ro"])
            else:
                assert source in volumes
    assert services["airflow-worker"]["environment"]["PYTHONPATH"] == "/opt/airflow/include"
    assert {"./dags", "./plugins", "./sql", "./include"} <= {
        mount.split(":")[0] for mount in services["airflow-worker"]["volumes"]
    }


def test_every_image_is_pinned_and_airflow_is_the_one_of_the_requirements(services):
    images = {service["image"] for service in services.values() if "image" in service}
    build = services["airflow-worker"]["build"]["dockerfile_inline"]
    base = re.search(r"^FROM (\S+)$", build, re.MULTILINE)[1]
    assert len(images) == 3
    assert all(re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*", image) for image in images | {base})
    pinned = re.search(r"^apache-airflow==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert base == f"apache/airflow:{pinned[1]}-python3.12"
    assert "COPY requirements.txt" in build


def test_ports_are_open_to_this_machine_only(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_lasting_service_restarts_is_checked_and_waits_for_what_it_needs(services):
    for name, service in services.items():
        needs = service.get("depends_on", {})
        assert set(needs) <= set(services)
        if name == "airflow-init":
            assert service["restart"] == "no"
            assert needs["postgres"]["condition"] == "service_healthy"
            continue
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
        if name in COMMANDS:
            assert needs["airflow-init"]["condition"] == "service_completed_successfully"
            assert needs["postgres"]["condition"] == needs["redis"]["condition"] == "service_healthy"


def test_the_init_step_migrates_both_databases_makes_the_admin_and_opens_the_folders(services):
    *shell, script = services["airflow-init"]["command"]
    assert shell == ["bash", "-euo", "pipefail", "-c"]
    steps = [line.strip() for line in script.replace("\\\n", " ").splitlines()]
    assert [" ".join(step.split()[:3]) for step in steps] == [
        "airflow db migrate",
        "airflow pools get",
        "airflow users create",
        "airflow users reset-password",
        "python -m restock.warehouse.migrate",
        'chown "$AIRFLOW_UID:0" /opt/airflow/landing',
        'chown --recursive "$AIRFLOW_UID:0"',
    ]


def test_only_the_init_step_and_the_server_know_the_owners_password(raw, services):
    told = {
        name
        for name, service in raw.items()
        if any("RESTOCK_DB_PASSWORD" in str(value) for value in service.get("environment", {}).values())
    }
    assert told == {"airflow-init", "postgres"}
    owner = conninfo_to_dict(services["airflow-init"]["environment"]["RESTOCK_WAREHOUSE_OWNER_URL"])
    assert (owner["user"], owner["dbname"]) == ("restock", "restock")
