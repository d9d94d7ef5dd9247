import os
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from restock.local.environment import Settings, make_settings, user_environment
from restock.local.ports import Ports
from restock.local.state import StackError, State

SERVER = "postgresql://restock:pa%2Fss@127.0.0.1:15432/postgres"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*os.environ,):
        if name.startswith(("RESTOCK_", "AIRFLOW_CONN_RESTOCK_")):
            monkeypatch.delenv(name)


def settings_in(folder: Path) -> Settings:
    state = State(folder)
    with state.lock():
        settings = make_settings(state, Ports(), SERVER, state.secrets(), (Path("/opt/it's here/bin"),))
    state.env.write_text(settings.env_file())
    return settings


def source(env: Path, command: str) -> str:
    script = f'. "$1" && {command}'
    return subprocess.run(["sh", "-c", script, "sh", env], check=True, text=True, capture_output=True).stdout.strip()


def test_the_env_file_can_be_sourced_whatever_stands_in_its_paths(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a $HOME of "spaces"'
    settings = settings_in(folder)
    assert source(folder / "env", 'printf %s "$RESTOCK_LANDING"') == f"file://{folder}/landing"
    assert source(folder / "env", 'printf %s "$AIRFLOW_CONN_RESTOCK_WAREHOUSE"') == settings.warehouse_url
    assert source(folder / "env", 'printf %s "$PATH"').startswith("/opt/it's here/bin:/")


def test_both_databases_lie_on_the_one_server_with_a_login_for_each_part(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    names = {
        "RESTOCK_WAREHOUSE_URL": "restock_pipeline_of_restock",
        "RESTOCK_WAREHOUSE_OWNER_URL": "restock_owner_of_restock",
        "RESTOCK_ANALYST_URL": "restock_analyst_of_restock",
        "RESTOCK_INTAKE_DATABASE_URL": "restock_intake_of_restock",
        "AIRFLOW_CONN_RESTOCK_WAREHOUSE": "restock_pipeline_of_restock",
        "AIRFLOW_CONN_RESTOCK_CONSOLE": "restock_console_of_restock",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "restock_metadata_of_airflow",
    }
    found = {name: conninfo_to_dict(settings.variables[name].replace("+psycopg2", "")) for name in names}
    assert {name: parts["user"] for name, parts in found.items()} == names
    assert {(parts["host"], parts["port"]) for parts in found.values()} == {("127.0.0.1", "15432")}
    assert {name: parts["dbname"] for name, parts in found.items()} == {
        name: names[name].split("_of_")[1] for name in names
    }
    # One of the pipeline's, in two variables; nobody has the server's own.
    assert len({parts["password"] for parts in found.values()} | {"pa/ss"}) == len(names)


def test_no_process_of_the_stack_is_told_the_owners_password(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    owner = conninfo_to_dict(settings.owner_url)["password"]
    told = settings.process_environment()
    assert [name for name, value in told.items() if owner in value] == []
    assert "RESTOCK_ANALYST_URL" not in told
    assert [name for name, value in told.items() if "pa%2Fss" in value or "pa/ss" in value] == []


def test_the_intake_service_has_a_login_of_its_own_on_the_warehouse_and_links_lead_to_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    login = conninfo_to_dict(settings.variables["RESTOCK_INTAKE_DATABASE_URL"])
    assert (login["user"], login["dbname"], login["port"]) == ("restock_intake_of_restock", "restock", "15432")
    assert login["password"] not in settings.warehouse_url
    assert settings.variables["RESTOCK_PUBLIC_URL"] == settings.intake_url


def test_everything_that_listens_does_so_on_this_machine_only(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert settings.variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings.airflow_url == "http://127.0.0.1:8080"


def test_connections_that_the_user_gives_come_before_those_of_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_SMTP", "smtp://mail.example.com:587")
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", "postgresql://me@db.example.com/shop")
    settings = settings_in(tmp_path)
    assert settings.process_environment()["AIRFLOW_CONN_RESTOCK_SMTP"] == "smtp://mail.example.com:587"
    assert settings.variables["AIRFLOW_CONN_RESTOCK_WAREHOUSE"] == "postgresql://me@db.example.com/shop"


def test_a_warehouse_of_the_users_own_is_used_with_the_logins_that_the_user_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", "postgresql://me@db.example.com/shop")
    alone = settings_in(tmp_path / "one")
    assert (alone.owner_url, alone.has_own_warehouse) == ("postgresql://me@db.example.com/shop", False)
    assert "AIRFLOW_CONN_RESTOCK_CONSOLE" not in alone.variables
    monkeypatch.setenv("RESTOCK_WAREHOUSE_OWNER_URL", "postgresql://boss@db.example.com/shop")
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_CONSOLE", "postgresql://clerk@db.example.com/shop")
    apart = settings_in(tmp_path / "several")
    assert apart.owner_url == "postgresql://boss@db.example.com/shop"
    assert apart.warehouse_url == "postgresql://me@db.example.com/shop"
    assert apart.process_environment()["AIRFLOW_CONN_RESTOCK_CONSOLE"] == "postgresql://clerk@db.example.com/shop"
    monkeypatch.delenv("RESTOCK_WAREHOUSE_URL")
    with pytest.raises(StackError, match="RESTOCK_WAREHOUSE_OWNER_URL is set, but not RESTOCK_WAREHOUSE_URL"):
        settings_in(tmp_path / "half")


def test_the_stores_own_templates_reach_the_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTOCK_TEMPLATES", "/srv/templates")
    assert settings_in(tmp_path).process_environment()["RESTOCK_TEMPLATES"] == "/srv/templates"


def test_the_shop_is_not_over_a_warehouse_of_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_in(tmp_path / "own").shop_url == "http://127.0.0.1:8025/shop"
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", "postgresql://me@db.example.com/shop")
    assert settings_in(tmp_path / "given").shop_url is None


def test_a_warehouse_given_as_a_connection_is_refused_with_what_to_set_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", "postgres://me@db.example.com/shop")
    with pytest.raises(StackError, match="unset it and set RESTOCK_WAREHOUSE_URL instead"):
        settings_in(tmp_path)


@pytest.mark.parametrize(
    ("landing", "sentence"),
    [
        ("file:///srv/no/such/folder", "There is no folder /srv/no/such/folder, which RESTOCK_LANDING names: make it"),
        ("/srv/landing", "set it to a URL, such as file:///srv/landing"),
    ],
)
def test_a_landing_area_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, landing: str, sentence: str
) -> None:
    monkeypatch.setenv("RESTOCK_LANDING", landing)
    with pytest.raises(StackError, match=sentence):
        settings_in(tmp_path)


def test_another_airflow_in_the_same_shell_does_not_reach_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/srv/other")
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW__CELERY__BROKER_URL", "redis://other")
    environment = settings_in(tmp_path).process_environment()
    assert environment["AIRFLOW_HOME"] == f"{tmp_path}/airflow"
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW__CELERY__BROKER_URL" not in environment


def test_a_second_stack_does_not_take_over_what_sourcing_the_first_ones_env_file_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = settings_in(tmp_path / "first")
    for name, value in first.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_SMTP", "smtp://mail.example.com:587")
    assert "RESTOCK_LANDING" not in user_environment()
    second = settings_in(tmp_path / "second")
    assert second.variables["RESTOCK_LANDING"] == f"file://{tmp_path}/second/landing"
    # Set in the shell after sourcing, so it is a wish.
    assert second.variables["AIRFLOW_CONN_RESTOCK_SMTP"] == "smtp://mail.example.com:587"


def test_the_secrets_are_made_once_and_only_the_owner_can_read_them(tmp_path: Path) -> None:
    state = State(tmp_path)
    with state.lock():
        made = state.secrets()
        assert state.secrets() == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_no_two_stacks_have_a_secret_or_a_key_of_airflows_in_common(tmp_path: Path) -> None:
    stacks = [settings_in(tmp_path / name) for name in ("one", "other")]
    made = [set(asdict(State(tmp_path / name).secrets()).values()) for name in ("one", "other")]
    assert not made[0] & made[1]
    keys = ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET")
    for key in keys:
        first, second = (stack.variables[f"AIRFLOW__{key}"] for stack in stacks)
        assert first != second
        assert len(first) >= 40
