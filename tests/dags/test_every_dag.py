"""Every DAG file: imports, is documented, owned, tagged, retried, short, and accounted for."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
HEADINGS = ["Purpose", "Inputs", "Outputs", "Re-run", "On failure"]


@pytest.fixture(scope="session")
def dags(airflow_home: Path) -> dict:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    assert bag.import_errors == {}
    return bag.dags


def test_the_dags_are_those_of_the_design(dags: dict) -> None:
    assert set(dags) == {"restock_ingest", "restock_notify", "restock_maintenance"}
    assert {file.stem for file in DAG_FILES} == set(dags)


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda file: file.stem)
def test_a_dag_is_documented_owned_tagged_and_retried(dags: dict, file: Path) -> None:
    dag = dags[file.stem]
    assert re.findall(r"^## (.+)$", dag.doc_md, re.MULTILINE) == HEADINGS
    assert "restock" in dag.tags
    assert not dag.catchup
    for task in dag.tasks:
        assert task.owner == "restock"
        assert task.retries >= 1
        assert re.fullmatch(r"[a-z]+_[a-z_]+", task.task_id)


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda file: file.stem)
def test_a_dag_file_is_wiring_only(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    wiring = text.split('"""', 2)[2]
    assert len(wiring.splitlines()) <= 145
    assert not re.search(r"^(import|from) (pandas|psycopg|restock)\b", text, re.MULTILINE)
    assert not re.search(r"\b(select|insert into|update|delete from)\b.*\b(from|values|set|where)\b", wiring, re.I)
