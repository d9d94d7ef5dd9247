"""The cooldown of rule 3 against the warehouse: nobody is told twice about the same product within it."""

from datetime import timedelta

from tests.warehouse.shop import NOON, Shop


def test_the_cooldown_ends_and_the_request_is_told(shop: Shop) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    shop.run("update restock.notification set status = 'sent'")
    shop.run("delete from restock.open_request")
    again = shop.request("ada", "lamp", requested_at=NOON)
    shop.clock += timedelta(hours=1)
    shop.plan()
    assert shop.decisions()[again] == ("skipped", "cooldown")

    shop.clock += timedelta(hours=22)
    shop.plan()
    assert shop.decisions()[again] == ("skipped", "cooldown")

    shop.clock += timedelta(hours=1)
    shop.plan()
    assert shop.decisions()[again] == ("told", "queue")


def test_what_a_sender_has_at_this_moment_counts_as_told(shop: Shop) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    # As if the shopper had withdrawn and asked again while the message is on the wire.
    shop.run("delete from restock.open_request")
    again = shop.request("ada", "lamp", requested_at=NOON)
    shop.run("update restock.outbox set leased_by = 'a sender', lease_until = %s", shop.clock + timedelta(minutes=5))
    shop.clock += timedelta(minutes=1)
    shop.plan()
    assert shop.decisions()[again] == ("skipped", "cooldown")


def test_the_cooldown_outlives_the_episode_in_which_the_shopper_was_told(shop: Shop) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    shop.run("update restock.notification set status = 'sent'")
    shop.run("delete from restock.open_request")
    shop.clock += timedelta(hours=1)
    shop.stock("lamp", 0)
    shop.plan()
    again = shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.clock += timedelta(minutes=1)
    shop.plan()

    assert shop.rows("select closed_at is null from restock.episode order by episode_id") == [(False,), (True,)]
    assert shop.decisions()[again] == ("skipped", "cooldown")


def test_the_cooldown_holds_in_every_store(shop: Shop) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    shop.run("update restock.notification set status = 'sent'")
    again = shop.request("ada", "lamp", store_id="mall")
    other = shop.request("bob", "lamp", store_id="mall", contact="bob@example.com")
    shop.run("insert into restock.availability values ('mall', 'lamp', 9, %s)", shop.clock)
    shop.run("insert into restock.plan_queue values ('mall', 'lamp', %s)", shop.clock)
    shop.clock += timedelta(hours=1)
    shop.plan()

    assert shop.decisions()[again] == ("skipped", "cooldown")
    assert shop.decisions()[other] == ("told", "queue")
