"""Each alert has its runbook, whose queries run."""

import re
from pathlib import Path

from restock.warehouse import connect
from restock.watch.catalogue import ALERTS, BY_NAME

ROOT = Path(__file__).parents[2]


def test_each_alert_has_its_runbook_and_each_runbook_its_alert() -> None:
    written = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert set(written) == set(BY_NAME)
    for name, text in written.items():
        parts = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert parts == [
            "What you see",
            "What it means for shoppers",
            "How to look",
            "How to mend it",
            "How to be sure",
        ]
        assert BY_NAME[name].title in text


def test_each_query_of_a_runbook_runs_with_the_login_of_the_pipeline(pipeline_url: str) -> None:
    queries = [
        query
        for path in (ROOT / "docs" / "runbooks").glob("*.md")
        for query in re.findall(r'-c "(select .*)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(queries) > 15
    with connect(pipeline_url) as connection:
        for query in queries:
            connection.execute(query)


def test_the_overview_lists_each_alert_with_its_limit() -> None:
    text = (ROOT / "docs" / "oncall.md").read_text(encoding="utf-8")
    for alert in ALERTS:
        [row] = re.findall(rf"^\| \[{alert.name}\]\(runbooks/{alert.name}\.md\) \|.*$", text, re.MULTILINE)
        limit = f"{alert.limit.default:g} {alert.limit.unit}" if alert.limit else "none"
        assert f"| {alert.severity} |" in row
        assert f"| {limit} |" in row
