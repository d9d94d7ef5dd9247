"""What the gate of rule 2 holds, in a real run of restock_notify, and its release by a parameter."""

import pytest

from tests.dags.conftest import ROOT, run_dag
from tests.dags.rerun import Reruns
from tests.dags.test_restock_notify import TOLD, mailbox, shop  # noqa: F401 (fixtures)
from tests.mail import MailServer
from tests.warehouse.shop import Shop


@pytest.mark.usefixtures("airflow_home")
def test_a_run_says_what_a_gate_holds_and_one_with_the_parameter_releases_it_once(
    shop: Shop,  # noqa: F811
    mailbox: MailServer,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = ROOT / "dags" / "restock_notify.py"
    shop.customer("ada")
    shop.request("ada", "p1")
    shop.run(
        "insert into restock.availability select 'main', 'p' || n, 5, now() from generate_series(1, 1000) as n",
    )
    assert run_dag(file)["plan_messages"] == "success"
    assert "The gate restock_share holds 1000 products that came back" in caplog.text
    assert mailbox.recipients() == []

    assert run_dag(file, release_gate="restock_share") == TOLD
    assert mailbox.recipients() == ["ada@example.com"]
    assert len(shop.rows("select distinct released_by from restock.episode")) == 1

    # The same wish, heard again because somebody clears its run, lets nothing go that came since.
    from airflow.dag_processing.dagbag import DagBag

    reruns = Reruns(DagBag(str(file)).dags)
    asked = reruns.newest("restock_notify")
    shop.customer("bob")
    shop.request("bob", "p2000")
    shop.run("insert into restock.availability select 'main', 'p' || n, 5, now() from generate_series(1001, 3000) as n")
    run_dag(file)
    held = "select count(*) from restock.episode where held_since is not null"
    assert shop.rows(held) == [(2000,)]
    reruns.clear("restock_notify", asked)
    assert reruns.run("restock_notify", asked) == "success"
    assert shop.rows(held) == [(2000,)]
    run_dag(file)
    assert mailbox.recipients() == ["ada@example.com"]
    run_dag(file, release_gate="restock_share")
    assert mailbox.recipients() == ["ada@example.com", "bob@example.com"]
