"""Waves by evidence (notify_per_unit = auto): what earlier messages sold decides how many shoppers a wave tells."""

from datetime import timedelta
from itertools import count

import pytest

from tests.warehouse.shop import NOON, Shop

numbers = count(1)


def product(shop: Shop, product_id: str, category: str | None = "lights") -> None:
    shop.run(
        "insert into restock.product (store_id, product_id, name, category) values ('main', %s, %s, %s)",
        product_id,
        product_id,
        category,
    )


def sold(shop: Shop, product_id: str, messages: int, purchases: int, **times: timedelta) -> None:
    """An earlier restock that told so many shoppers, of whom so many bought."""
    sent_at = NOON - times.get("ago", timedelta(days=10))
    ordered_at = sent_at + times.get("bought_after", timedelta(hours=5))
    policy_id = shop.rows("select coalesce(max(policy_id), 0) from restock.policy")[0][0]
    [(episode,)] = shop.rows(
        "insert into restock.episode (store_id, product_id, quantity, opened_at, closed_at, policy_id)"
        f" values ('main', '{product_id}', 5, '{sent_at}', '{sent_at + timedelta(hours=9)}', {policy_id})"
        " returning episode_id"
    )
    for number in range(messages):
        user = f"u{next(numbers)}"
        request = shop.request(user, product_id, requested_at=sent_at - timedelta(days=1))
        shop.warehouse.execute(
            "with message as (insert into restock.notification (notification_id, opening_episode_id,"
            " opening_request_key, user_id, channel, store_id, timezone, local_day, first_due_at, due_at, status,"
            " status_at, policy_id, created_at) select restock.message_id(%(episode)s, request_key), %(episode)s,"
            " request_key, user_id, 'email', 'main', 'UTC', '2026-06-01', %(at)s, %(at)s, 'sent', %(at)s, %(policy)s,"
            " %(at)s from restock.request where request_id = %(request)s"
            " returning notification_key, opening_request_key)"
            " insert into restock.decision (episode_id, request_key, outcome, rule, notification_key, policy_id,"
            " decided_at) select %(episode)s, opening_request_key, 'told', 'queue', notification_key, %(policy)s,"
            " %(at)s from message",
            {"episode": episode, "at": sent_at, "policy": policy_id, "request": request},
        )
        shop.run("delete from restock.open_request where user_id = %s", user)
        if number < purchases:
            shop.run("insert into restock.purchase values (%s, %s, 'main', %s, %s)", user, user, product_id, ordered_at)


def wave_size(shop: Shop, product_id: str = "lamp") -> tuple[float, dict[str, float]]:
    shop.stock(product_id, 10)
    shop.update_episodes()
    [(per_unit, evidence)] = shop.rows(
        "select notify_per_unit, wave_evidence from restock.episode"
        f" where product_id = '{product_id}' and closed_at is null"
    )
    return float(per_unit), evidence


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.settings |= {"notify_per_unit": "auto", "quiet_hours": ""}
    shop.update_episodes()
    return shop


def test_without_any_message_so_far_one_in_twenty_is_expected_to_buy(shop: Shop) -> None:
    assert wave_size(shop) == (
        20.0,
        {
            "messages": 0,
            "purchases": 0,
            "category_messages": 0,
            "category_purchases": 0,
            "conversion": 0.05,
            "quantity": 1,
        },
    )


def test_the_messages_of_a_product_outweigh_the_prior_as_they_grow_in_number(shop: Shop) -> None:
    product(shop, "lamp", None)
    sold(shop, "lamp", messages=10, purchases=8)
    # (8 + 40 * 0.05) / (10 + 40) = 0.2
    assert wave_size(shop) == (
        5.0,
        {
            "messages": 10,
            "purchases": 8,
            "category_messages": 0,
            "category_purchases": 0,
            "conversion": 0.2,
            "quantity": 1,
        },
    )


def test_a_new_product_goes_by_its_category(shop: Shop) -> None:
    for name, category in (("lamp", "lights"), ("bulb", "lights"), ("mug", "kitchen")):
        product(shop, name, category)
    sold(shop, "bulb", messages=10, purchases=8)
    sold(shop, "mug", messages=10, purchases=0)
    assert wave_size(shop)[0] == 5.0
    # of its own product and its category both: (0 + 40 * 0.2) / (10 + 40)
    sold(shop, "lamp", messages=10, purchases=0)
    shop.stock("lamp", 0)
    shop.update_episodes()
    size, evidence = wave_size(shop)
    assert (size, evidence["messages"], evidence["category_messages"], evidence["conversion"]) == (6.25, 10, 10, 0.16)


def test_who_wants_more_units_is_told_among_fewer(shop: Shop) -> None:
    for user, quantity in (("a", 1), ("b", 6), ("c", 5)):
        shop.request(user, "lamp", quantity=quantity)
    assert wave_size(shop)[0] == 5.0


@pytest.mark.parametrize(
    ("times", "messages", "purchases"),
    [
        # a purchase counts within 72 hours of the message
        ({"bought_after": timedelta(hours=72)}, 10, 10),
        ({"bought_after": timedelta(hours=73)}, 10, 0),
        ({"bought_after": timedelta(hours=-1)}, 10, 0),
        # a message counts once its shopper had 72 hours to buy, and for 180 days
        ({"ago": timedelta(hours=71)}, 0, 0),
        ({"ago": timedelta(hours=72)}, 10, 10),
        ({"ago": timedelta(days=179)}, 10, 10),
        ({"ago": timedelta(days=181)}, 0, 0),
    ],
)
def test_what_counts_as_a_message_and_as_its_purchase(
    shop: Shop, times: dict[str, timedelta], messages: int, purchases: int
) -> None:
    sold(shop, "lamp", messages=10, purchases=10, **times)
    evidence = wave_size(shop)[1]
    assert (evidence["messages"], evidence["purchases"]) == (messages, purchases)


def test_what_fell_out_of_a_message_does_not_count(shop: Shop) -> None:
    sold(shop, "lamp", messages=10, purchases=10)
    shop.run("update restock.decision set dropped_at = now(), outcome = 'skipped', rule = 'sold_out'")
    assert wave_size(shop)[1]["messages"] == 0


def test_there_are_bounds(shop: Shop) -> None:
    shop.request("a", "lamp", quantity=1000)
    assert wave_size(shop)[0] == 0.1
    sold(shop, "mug", messages=300, purchases=0)
    assert wave_size(shop, "mug")[0] == 50.0


def test_the_waves_of_an_episode_follow_its_evidence_and_stay_as_they_were(shop: Shop) -> None:
    sold(shop, "lamp", messages=10, purchases=8)
    for number in range(60):
        shop.request(f"w{number:02}", "lamp", contact=f"w{number:02}@example.com")
    # ten units, five shoppers each
    shop.stock("lamp", 10)
    shop.plan()
    shop.settings["notify_per_unit"] = "1"
    shop.request("late", "lamp", contact="late@example.com")
    shop.plan()
    waves = shop.rows(
        "select wave, count(*) from restock.decision join restock.episode using (episode_id)"
        " where closed_at is null group by wave order by wave"
    )
    assert waves == [(0, 50), (1, 11)]


def test_auto_can_be_set_for_some_products_only(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "2", "overrides": '{"product": {"main/lamp": {"notify_per_unit": "auto"}}}'}
    shop.stock("lamp", 1)
    shop.stock("mug", 1)
    shop.update_episodes()
    assert shop.rows(
        "select product_id, notify_per_unit::real, wave_evidence is null from restock.episode order by product_id"
    ) == [("lamp", 20.0, False), ("mug", 2.0, True)]
