"""The keys of the intake service, as who looks after them makes, lists and ends them on the command line."""

import sys
from collections.abc import Callable

import pytest

from restock.intake.__main__ import main

Keys = Callable[..., str]


@pytest.fixture
def keys(warehouse_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Keys:
    """Runs `python -m restock.intake keys …`; what it prints."""
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", warehouse_url)

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["restock.intake", "keys", *arguments])
        main()
        return capsys.readouterr().out

    return run


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked_once(keys: Keys) -> None:
    key = keys("add", "page", "--kind", "widget", "--origin", "https://shop.example").strip()
    assert key.startswith("rk_")
    listed = keys("list")
    assert listed.split()[:4] == ["page", "widget", "in", "force"]
    assert "https://shop.example" in listed
    assert key not in listed
    with pytest.raises(SystemExit, match="choose another name"):
        keys("add", "page", "--kind", "operator")
    assert "page opens nothing" in keys("revoke", "page")
    assert keys("list").split()[:3] == ["page", "widget", "revoked"]
    with pytest.raises(SystemExit, match="No key in force is called page"):
        keys("revoke", "page")


@pytest.mark.parametrize(
    "arguments",
    [
        ("page", "--kind", "widget"),
        ("web", "--kind", "surface", "--origin", "https://shop.example"),
        ("Web", "--kind", "surface"),
        *(
            ("page", "--kind", "widget", "--origin", origin)
            for origin in ("*", "null", "https://Shop.example", "https://shop.example/", "https://shop.example:443",
                           "http://shop.example:80", "https://me@shop.example", "ftp://shop.example", "shop.example")
        ),
    ],
)  # fmt: skip
def test_a_key_that_could_never_be_used_is_not_made(keys: Keys, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        keys("add", *arguments)
    assert keys("list") == ""


@pytest.mark.parametrize("origin", ["http://localhost:8080", "https://[::1]:8443", "http://shop.example:443"])
def test_an_origin_may_name_a_port_and_an_address(keys: Keys, origin: str) -> None:
    keys("add", "page", "--kind", "widget", "--origin", origin)
    assert origin in keys("list")
