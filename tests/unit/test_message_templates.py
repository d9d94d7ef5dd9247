"""Stores bring their own templates; a broken one hurts nobody."""

import logging

import pytest

from restock.delivery.message import EmailWriter
from restock.delivery.message.templates import Templates
from tests.unit.messages import LETTERHEAD, a_row, body, parse


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "outlet").mkdir()
    return tmp_path


def write(folder, store_id, **changes):
    writer = EmailWriter(LETTERHEAD, Templates(folder))
    return parse(writer.write([a_row(store_id=store_id, **changes)]).payload)


def test_a_store_replaces_single_templates_and_keeps_the_others(folder):
    (folder / "outlet" / "subject.txt").write_text("Outlet: {{ product }}\n")
    mail = write(folder, "outlet")
    assert mail["Subject"] == "Outlet: Kettle"
    assert body(mail, "plain") == body(write(folder, "main"), "plain")
    assert write(folder, "main")["Subject"] == "Kettle is back in stock"


def test_a_template_of_a_store_is_escaped_and_translated_as_the_built_in_ones(folder):
    (folder / "outlet" / "item.html").write_text(
        '<tr><td>{{ item.name }}: {{ gettext("See the product") }}</td></tr>\n'
    )
    html = body(write(folder, "outlet", product_name="<b>", locale="de"), "html")
    assert "<tr><td>&lt;b&gt;: Zum Produkt</td></tr>" in html


def test_a_percent_sign_in_a_template_is_one(folder):
    signs = "100 %, %(NAME_HTML)b, %%(LINK_HTML)b, %s"
    (folder / "outlet" / "item.html").write_text(f"<tr><td>{signs} {{{{ item.name }}}}</td></tr>\n")
    assert f"<tr><td>{signs} Kettle</td></tr>" in body(write(folder, "outlet"), "html")


def test_a_template_may_include_another_of_its_store(folder):
    (folder / "outlet" / "subject.txt").write_text('{% include "greeting.txt" %} {{ product }}')
    (folder / "outlet" / "greeting.txt").write_text("Good news:")
    assert write(folder, "outlet")["Subject"] == "Good news: Kettle"


@pytest.mark.parametrize(
    ("name", "template", "said"),
    [
        ("subject.txt", "{{ product", "subject.txt, line 1, cannot be used"),
        ("subject.txt", "{{ produkt }}", "'produkt' is undefined"),
        ("subject.txt", '{% include "../main/subject.txt" %}', "cannot be used"),
        ("item.html", "{% for x in item.nothing %}{% endfor %}", "no attribute 'nothing'"),
        ("message.html", "<p>{{ items }}</p>", "does not show {{ unsubscribe_url }}"),
        ("message.txt", "{{ unsubscribe_url }}", "does not show {{ items }}"),
        ("message.html", "{{ 1 / 0 }}", "division by zero"),
        ("message.txt", b"\xff\xfe", "cannot be used"),
    ],
)
def test_a_broken_template_is_named_once_and_the_built_in_one_serves(folder, caplog, name, template, said):
    path = folder / "outlet" / name
    path.write_bytes(template if isinstance(template, bytes) else template.encode())
    templates = Templates(folder)
    writer = EmailWriter(LETTERHEAD, templates)
    with caplog.at_level(logging.ERROR):
        mails = [parse(writer.write([a_row(store_id="outlet", locale=tag)]).payload) for tag in ("en", "de", "en")]
    ours = parse(writer.write([a_row()]).payload)
    assert mails[0]["Subject"] == ours["Subject"]
    assert body(mails[2], "html") == body(ours, "html")
    assert body(mails[2], "plain") == body(ours, "plain")
    (problem,) = templates.problems.values()
    assert said in problem
    assert str(path) in problem
    assert len(caplog.records) == 1


@pytest.mark.parametrize("store_id", ["..", "../outlet", "outlet/..", "/etc", "outlet/", ".", "", "a\0b", "outlet\n"])
def test_a_store_id_leads_to_no_other_folder(folder, store_id):
    (folder / "outlet" / "subject.txt").write_text("Outlet: {{ product }}")
    (folder / "subject.txt").write_text("Top: {{ product }}")
    assert write(folder / "outlet" / "..", store_id)["Subject"] == "Kettle is back in stock"


def test_a_folder_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("RESTOCK_TEMPLATES", str(tmp_path / "nowhere"))
    with pytest.raises(RuntimeError, match="nowhere"):
        Templates.from_environment()
    monkeypatch.setenv("RESTOCK_TEMPLATES", str(tmp_path))
    assert Templates.from_environment().problems == {}
