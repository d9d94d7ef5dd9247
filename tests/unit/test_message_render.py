"""The command that writes messages to files."""

import sys

import pytest

from restock.delivery import render
from tests.unit.messages import Page, parse


@pytest.fixture
def run(monkeypatch, tmp_path):
    def run_with(*arguments):
        monkeypatch.setattr(sys, "argv", ["render", *arguments, "--out", str(tmp_path / "out")])
        return render.main(), tmp_path / "out"

    return run_with


def test_samples_are_written_in_each_language_and_form(run):
    status, folder = run("--sample")
    assert status == 0
    for language, word in (("en", "back in stock"), ("de", "Wieder verfügbar"), ("ko", "입고")):
        for form, count in (("one", 1), ("digest", 3)):
            name = f"{form}-{language}"
            mail = parse((folder / f"{name}.eml").read_bytes())
            page = Page((folder / f"{name}.html").read_text(encoding="utf-8"))
            assert len(page.values("img", "alt")) == count
            assert mail["Subject"] in (folder / f"{name}.short.txt").read_text(encoding="utf-8")
            assert word.lower() in (folder / f"{name}.txt").read_text(encoding="utf-8").lower().replace(
                "다시 입", "재입"
            )
            assert mail["Subject"] in (folder / f"{name}.json").read_text(encoding="utf-8")


def test_a_broken_template_is_named_and_the_exit_status_says_so(run, monkeypatch, tmp_path, capsys):
    (tmp_path / "outlet").mkdir()
    (tmp_path / "outlet" / "item.html").write_text("{% if %}")
    monkeypatch.setenv("RESTOCK_TEMPLATES", str(tmp_path))
    status, _ = run("--sample", "--store", "outlet")
    assert status == 1
    assert f"The template {tmp_path / 'outlet' / 'item.html'}, line 1, cannot be used" in capsys.readouterr().err
    assert run("--sample", "--store", "main")[0] == 0


@pytest.mark.parametrize("arguments", [[], ["--sample", "849b58d3-9cba-4b27-989a-89b8cfb6263e"], ["no-id"]])
def test_wrong_arguments_are_explained(run, arguments, capsys):
    with pytest.raises(SystemExit) as end:
        run(*arguments)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_without_a_warehouse_it_says_what_to_set(run, monkeypatch):
    monkeypatch.delenv("RESTOCK_WAREHOUSE_URL", raising=False)
    with pytest.raises(SystemExit, match="RESTOCK_WAREHOUSE_URL is not set"):
        run("849b58d3-9cba-4b27-989a-89b8cfb6263e")
