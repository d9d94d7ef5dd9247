"""The example for Kubernetes, which no test can run: held against docker-compose.yaml and Airflow's settings."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.test_compose import airflow_settings, interpolate

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "kubernetes"
# Of Airflow's own settings, those that only pods need.
ONLY_HERE = {
    "AIRFLOW__LOGGING__REMOTE_LOGGING",
    "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER",
    "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(interpolate((ROOT / "docker-compose.yaml").read_text(encoding="utf-8")))["services"]


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def containers() -> dict[str, Any]:
    """Those of restock.yaml, by name."""
    documents = yaml.safe_load_all((FOLDER / "restock.yaml").read_text(encoding="utf-8"))
    found = [document["spec"]["template"]["spec"] for document in documents if document["kind"] != "Service"]
    return {container["name"]: container for spec in found for container in spec["containers"]}


def test_every_name_in_the_values_is_one_of_compose_or_of_airflow(values, compose):
    known = compose["airflow-worker"]["environment"]
    given = {each["name"]: each["value"] for each in values["env"]}
    secret = {each["envName"] for each in values["secret"]}
    assert (given.keys() | secret) - known.keys() == ONLY_HERE
    assert {name for name in known if name.startswith("AIRFLOW_CONN_")} <= secret
    assert airflow_settings() >= ONLY_HERE
    # What is not the place's own is the same.
    same = {name for name in given if name.startswith("AIRFLOW__")} - ONLY_HERE | {"RESTOCK_SEND_POOL", "PYTHONPATH"}
    assert {name: given[name] for name in same} == {name: known[name] for name in same}


def test_no_secret_stands_in_the_files():
    for file in FOLDER.iterdir():
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"://[^/\s]*:[^/\s]*@", text), file
    values = yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))
    assert not [each for each in values["env"] if re.search("PASSWORD|SECRET|KEY|CONN_RESTOCK", each["name"])]


def test_the_services_beside_the_chart_run_what_compose_runs(containers, compose):
    for name, service in (("intake", "intake"), ("watch", "watch"), ("history", "airflow-history")):
        assert containers[name]["command"] == compose[service]["command"]
        names = {each["name"] for each in containers[name]["env"]}
        assert names <= compose[service]["environment"].keys()
    for name in ("intake", "watch"):
        names = {each["name"] for each in containers[name]["env"]}
        assert {each for each in compose[name]["environment"] if each.startswith("RESTOCK_")} <= names
    script = containers["migrate"]["args"][0].replace("\\\n", "")
    wanted = compose["airflow-init"]["command"][-1]
    for step in ("python -m restock.warehouse.migrate", 'airflow pools set restock_send 4 "Senders of restock_notify"'):
        assert step in script
        assert step in wanted
    assert {each["name"] for each in containers["migrate"]["env"]} <= compose["airflow-init"]["environment"].keys()


def test_image_and_version_are_those_of_compose(values, containers, compose):
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    inline = compose["airflow-worker"]["build"]["dockerfile_inline"]
    assert dockerfile.startswith("#")
    assert [line for line in inline.splitlines() if line not in dockerfile.splitlines()] == []
    assert f":{values['airflowVersion']}-" in inline
    image = f"{values['images']['airflow']['repository']}:{values['images']['airflow']['tag']}"
    assert {container["image"] for container in containers.values()} == {image}
    folders = re.findall(r"^COPY (\w+) /opt/airflow/(\w+)$", dockerfile, re.MULTILINE)
    mounted = {mount.split(":")[0][2:] for mount in compose["airflow-worker"]["volumes"] if mount.startswith("./")}
    assert {source for source, _ in folders} == mounted
    assert all(source == target for source, target in folders)


def test_the_celery_variant_is_the_executor_of_compose(compose):
    celery = yaml.safe_load((FOLDER / "values-celery.yaml").read_text(encoding="utf-8"))
    assert celery["executor"] == compose["airflow-worker"]["environment"]["AIRFLOW__CORE__EXECUTOR"]


def test_celery_on_kubernetes_misses_a_task_as_soon_as_in_compose(compose):
    values = yaml.safe_load((FOLDER / "values-celery.yaml").read_text(encoding="utf-8"))
    for name, value in values["config"]["scheduler"].items():
        assert compose["airflow-scheduler"]["environment"][f"AIRFLOW__SCHEDULER__{name.upper()}"] == str(value)
