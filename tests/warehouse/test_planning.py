"""Planning on a real warehouse: from stock and requests to decisions and messages."""

from datetime import UTC, datetime, timedelta

from restock.episodes import EpisodeCounts, has_work
from restock.policy import Settings, load_policy, resolve_policy
from restock.schedule.plan import Shard, build_schedule, list_shards, rank_requests
from restock.warehouse import connect
from tests.warehouse.shop import NOON, Shop


def test_a_request_is_told_once_its_product_is_back(shop: Shop) -> None:
    shop.customer("ada")
    request = shop.request("ada", "lamp")
    shop.plan()
    assert shop.states() == {request: "waiting"}

    shop.stock("lamp", 4)
    shop.plan()

    assert shop.decisions() == {request: ("told", "queue")}
    assert shop.messages() == [("ada", NOON, [request])]
    assert shop.states() == {request: "scheduled"}


def test_planning_again_plans_nothing_again(shop: Shop) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 4)
    shop.plan()
    before = shop.messages()

    shop.look_at("lamp")
    shop.clock += timedelta(minutes=1)
    shop.plan()

    assert shop.messages() == before


def test_an_episode_opens_at_the_threshold_and_closes_at_nothing(shop: Shop) -> None:
    shop.settings["min_quantity"] = "3"
    shop.stock("lamp", 2)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=0)
    shop.stock("lamp", 3)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=1)
    shop.stock("lamp", 1)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=0)
    shop.stock("lamp", 0)
    assert shop.update_episodes() == EpisodeCounts(closed=1, opened=0)
    shop.stock("lamp", 5)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=1)


def test_waves_follow_the_queue_and_later_requests_follow_on_behind(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "1", "wave_interval_minutes": "30", "quiet_hours": ""}
    first, second, third = (shop.request(user, "lamp", contact=f"{user}@example.com") for user in ("a", "b", "c"))
    shop.stock("lamp", 2)
    shop.plan()
    early_but_late_to_come = shop.request(
        "d", "lamp", contact="d@example.com", requested_at=shop.clock - timedelta(days=9)
    )
    shop.plan()

    rows = shop.rows(
        "select request_id, position, wave, d.due_at from restock.decision d join restock.request using (request_key)"
        " order by position"
    )
    half_past = NOON + timedelta(minutes=30)
    assert rows == [
        (first, 1, 0, NOON),
        (second, 2, 0, NOON),
        (third, 3, 1, half_past),
        (early_but_late_to_come, 4, 1, half_past),
    ]


def test_higher_tiers_go_first_when_priority_is_tier(shop: Shop) -> None:
    shop.settings["priority"] = "tier"
    shop.customer("plain", tier=0)
    shop.customer("gold", tier=2)
    plain = shop.request("plain", "lamp", requested_at=NOON - timedelta(days=2))
    gold = shop.request("gold", "lamp")
    shop.stock("lamp", 1)
    shop.plan()

    rows = shop.rows(
        "select request_id from restock.decision join restock.request using (request_key) order by position"
    )
    assert rows == [(gold,), (plain,)]


def test_what_is_due_at_the_same_time_leaves_product_by_product_by_the_places_in_the_queue(shop: Shop) -> None:
    for user, product, days in [("c", "lamp", 4), ("b", "chair", 3), ("d", "chair", 2), ("a", "lamp", 1)]:
        shop.request(user, product, contact=f"{user}@example.com", requested_at=NOON - timedelta(days=days))
    shop.stock("lamp", 9)
    shop.stock("chair", 9)
    shop.plan()

    leaving = shop.rows("select user_id from restock.notification order by due_at, notification_key")
    assert "".join(user for (user,) in leaving) in {"cabd", "bdca"}


def test_nobody_is_woken_at_night(shop: Shop) -> None:
    shop.customer("seoul", timezone="Asia/Seoul")
    request = shop.request("seoul", "lamp")
    shop.stock("lamp", 1)
    shop.plan()

    assert shop.decisions() == {request: ("delayed", "quiet_hours")}
    assert shop.messages() == [("seoul", datetime(2026, 6, 10, 23, 0, tzinfo=UTC), [request])]


def test_products_that_come_back_together_go_into_one_message(shop: Shop) -> None:
    shop.customer("ada")
    lamp, chair = shop.request("ada", "lamp"), shop.request("ada", "chair")
    shop.stock("lamp", 1)
    shop.stock("chair", 1)
    shop.plan()

    assert shop.messages() == [("ada", NOON, [lamp, chair])]
    assert shop.decisions() == {lamp: ("told", "queue"), chair: ("merged", "digest")}


def test_the_id_of_a_message_follows_from_the_item_that_opened_it(shop: Shop) -> None:
    # Receivers tell a second try by it, also after a restore, when the same item opens the message anew.
    for shopper in ("ada", "bob"):
        shop.customer(shopper)
        shop.request(shopper, "lamp")
    shop.stock("lamp", 4)
    shop.plan()

    follows = "select notification_id = restock.message_id(opening_episode_id, opening_request_key)"
    assert shop.warehouse.execute(f"{follows} from restock.notification").fetchall() == [(True,), (True,)]


def test_an_item_joins_a_message_that_has_not_left_yet(shop: Shop) -> None:
    shop.customer("seoul", timezone="Asia/Seoul")
    lamp, chair = shop.request("seoul", "lamp"), shop.request("seoul", "chair")
    shop.stock("lamp", 1)
    shop.plan()
    shop.clock += timedelta(hours=2)
    shop.stock("chair", 1)
    shop.plan()

    assert shop.messages() == [("seoul", datetime(2026, 6, 10, 23, 0, tzinfo=UTC), [lamp, chair])]
    assert shop.decisions()[chair] == ("merged", "digest")


def test_the_daily_cap_moves_a_message_to_the_next_morning_over_all_runs(shop: Shop) -> None:
    shop.settings |= {"daily_cap": "1", "digest_window_minutes": "0"}
    shop.customer("ada")
    lamp, chair = shop.request("ada", "lamp"), shop.request("ada", "chair")
    shop.stock("lamp", 1)
    shop.plan()
    shop.clock += timedelta(minutes=5)
    shop.stock("chair", 1)
    shop.plan()

    next_morning = datetime(2026, 6, 11, 8, 0, tzinfo=UTC)
    assert shop.messages() == [("ada", NOON, [lamp]), ("ada", next_morning, [chair])]
    assert shop.decisions()[chair] == ("delayed", "daily_cap")


def test_what_the_cap_would_delay_too_long_goes_on_waiting(shop: Shop) -> None:
    shop.settings |= {"daily_cap": "1", "digest_window_minutes": "0", "max_delay_hours": "6"}
    shop.customer("ada")
    lamp = shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    chair = shop.request("ada", "chair")
    shop.clock += timedelta(minutes=5)
    shop.stock("chair", 1)
    shop.plan()

    assert shop.decisions()[chair] == ("capped", "daily_cap")
    assert shop.states() == {lamp: "scheduled", chair: "available"}


def test_each_reason_not_to_tell_is_recorded(shop: Shop) -> None:
    for user in ("expired", "suppressed", "withdrawn", "buyer"):
        shop.customer(user, consent=user != "withdrawn")
    expired = shop.request("expired", "lamp", requested_at=NOON - timedelta(days=91))
    suppressed = shop.request("suppressed", "lamp", contact="Suppressed@Example.com")
    withdrawn = shop.request("withdrawn", "lamp")
    buyer = shop.request("buyer", "lamp")
    nobody = shop.request("nobody", "lamp")
    pigeon = shop.request("pigeon", "lamp", channel="pigeon", contact="coop 4")
    shop.run(
        "insert into restock.suppression values ('email', restock.hash_contact('suppressed@example.com'), 'bounce')"
    )
    shop.run("insert into restock.purchase values ('o1', 'buyer', 'main', 'lamp', %s)", NOON - timedelta(minutes=1))
    shop.stock("lamp", 9)
    shop.plan()

    assert shop.messages() == []
    assert shop.states() == {
        expired: "expired",
        suppressed: "suppressed",
        withdrawn: "suppressed",
        buyer: "purchased",
        nobody: "available",
        pigeon: "available",
    }
    assert shop.decisions() == {nobody: ("skipped", "no_address"), pigeon: ("skipped", "no_channel")}
    assert shop.rows("select count(*) from restock.open_request") == [(2,)]


def test_an_address_that_comes_later_is_told_in_the_same_episode(shop: Shop) -> None:
    request = shop.request("late", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    shop.customer("late")
    shop.look_at("lamp")
    shop.plan()

    assert shop.decisions() == {request: ("told", "queue")}


def test_a_holdout_leaves_out_a_steady_share(shop: Shop) -> None:
    shop.settings["holdout_percent"] = "30"
    for number in range(200):
        shop.request(f"u{number}", "lamp", contact=f"u{number}@example.com")
    shop.stock("lamp", 1)
    shop.plan()
    held = sorted(request for request, decision in shop.decisions().items() if decision == ("held", "holdout"))

    assert 30 <= len(held) <= 90
    shop.look_at("lamp")
    shop.plan()
    assert held == sorted(request for request, decision in shop.decisions().items() if decision == ("held", "holdout"))


def test_the_cut_into_shards_changes_nothing(shop: Shop) -> None:
    shop.settings |= {"daily_cap": "1", "notify_per_unit": "2", "digest_window_minutes": "30"}
    zones = ["UTC", "Asia/Seoul", "America/New_York"]
    for number in range(60):
        shop.customer(f"u{number}", timezone=zones[number % 3])
        for product in ("lamp", "chair", "table"):
            shop.request(f"u{number}", product)
    for product in ("lamp", "chair", "table"):
        shop.stock(product, 5)
    policy = resolve_policy(shop.warehouse, shop.settings)
    shop.update_episodes()
    schedule = (
        "select d.episode_id, d.request_key, d.outcome, d.rule, d.scheduled_at, n.notification_id, n.due_at"
        " from restock.decision d left join restock.notification n using (notification_key) order by 1, 2"
    )
    outcomes = []
    with shop.warehouse.transaction(force_rollback=True):
        rank_requests(shop.warehouse, policy.policy_id, {"email"}, shop.clock)
        outcomes.append(shop.rows(schedule))
    rank_requests(shop.warehouse, policy.policy_id, {"email"}, shop.clock, shard_size=0)
    shop.run("create table kept as table restock.candidate")
    for shards in ([Shard(0, 63)], [Shard(bucket, bucket) for bucket in reversed(range(64))]):
        for shard in shards:
            build_schedule(shop.warehouse, policy.policy_id, shard, shop.clock)
        outcomes.append(shop.rows(schedule))
        shop.run("truncate restock.notification, restock.outbox, restock.decision cascade")
        shop.run("insert into restock.candidate table kept")

    assert len(outcomes[0]) == 180
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_shards_are_as_large_as_each_other_and_together_hold_every_bucket(shop: Shop) -> None:
    for number in range(130):
        shop.customer(f"ada {number}")
        shop.request(f"ada {number}", "lamp")
    shop.stock("lamp", 200)
    policy = resolve_policy(shop.warehouse, {})
    shop.update_episodes()
    rank_requests(shop.warehouse, policy.policy_id, {"email"}, shop.clock, shard_size=0)

    # Two more than two shards hold.
    shards = list_shards(shop.warehouse, shard_size=64)
    assert (shards[0].first_bucket, shards[-1].last_bucket) == (0, 63)
    assert [shard.first_bucket for shard in shards[1:]] == [shard.last_bucket + 1 for shard in shards[:-1]]
    buckets = [bucket for (bucket,) in shop.rows("select bucket from restock.candidate")]
    counts = [sum(shard.first_bucket <= bucket <= shard.last_bucket for bucket in buckets) for shard in shards]
    assert len(counts) == 3
    assert sum(counts) == 130
    # A bucket is never cut.
    assert max(counts) - min(counts) <= 2 * max(buckets.count(bucket) for bucket in buckets)


def test_a_shard_that_dies_before_its_commit_is_planned_by_the_next_run(shop: Shop, warehouse_url: str) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    policy = resolve_policy(shop.warehouse, {})
    shop.update_episodes()
    rank_requests(shop.warehouse, policy.policy_id, {"email"}, shop.clock, shard_size=0)
    dying = connect(warehouse_url)
    dying.execute("begin")
    # Within a transaction of ours, the shard's own commit is not one yet.
    build_schedule(dying, policy.policy_id, Shard(0, 63), shop.clock)
    dying.close()
    assert shop.messages() == []

    assert len(list_shards(shop.warehouse)) == 1
    shop.plan()
    assert len(shop.messages()) == 1


def test_a_run_that_dies_before_its_commit_leaves_everything_to_the_next(shop: Shop, warehouse_url: str) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    policy = resolve_policy(shop.warehouse, {})
    shop.update_episodes()
    dying = connect(warehouse_url)
    dying.execute("begin")
    # Within a transaction of ours, the run's own commit is not one yet.
    assert rank_requests(dying, policy.policy_id, {"email"}, shop.clock)["messages"] == 1
    dying.close()
    assert (shop.messages(), shop.decisions()) == ([], {})

    shop.plan()
    assert shop.rows("select position from restock.decision") == [(1,)]
    assert len(shop.messages()) == 1


def test_a_quiet_warehouse_has_no_work(shop: Shop) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    assert has_work(shop.warehouse, Settings(), shop.clock)
    shop.plan()
    assert not has_work(shop.warehouse, Settings(), shop.clock)
    shop.stock("lamp", 1)
    assert has_work(shop.warehouse, Settings(), shop.clock)


def test_a_wrong_setting_leaves_the_last_valid_policy_in_force(shop: Shop) -> None:
    first = resolve_policy(shop.warehouse, {"daily_cap": "2"})
    wrong = resolve_policy(shop.warehouse, {"daily_cap": "many", "quiet_hours": "25:00-08:00", "priority": "fifo"})

    assert (wrong.policy_id, wrong.settings.daily_cap) == (first.policy_id, 2)
    assert wrong.problems == [
        "The Variable restock_quiet_hours is '25:00-08:00', but must be two times of day such as 21:00-08:00, "
        "or empty for none.",
        "The Variable restock_daily_cap is 'many', but must be a whole number from 0 to 1000 (0 means no cap).",
    ]


def test_each_accepted_change_is_a_new_version_and_the_same_again_is_not(shop: Shop) -> None:
    first = resolve_policy(shop.warehouse, {})
    same = resolve_policy(shop.warehouse, {"daily_cap": " 3 "})
    changed = resolve_policy(shop.warehouse, {"daily_cap": "4"})
    back = resolve_policy(shop.warehouse, {})

    assert same.policy_id == first.policy_id
    assert len({first.policy_id, changed.policy_id, back.policy_id}) == 3
    assert load_policy(shop.warehouse, changed.policy_id).daily_cap == 4
    rows = shop.rows("select changed from restock.policy order by policy_id")
    assert rows[1:] == [(["daily_cap"],), (["daily_cap"],)]


def test_a_product_that_an_ingest_is_writing_about_is_planned_by_the_next_run(shop: Shop, warehouse_url: str) -> None:
    shop.customer("ada")
    request = shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.update_episodes()
    policy = resolve_policy(shop.warehouse, {})
    with connect(warehouse_url) as ingest, ingest.transaction():
        ingest.execute("update restock.plan_queue set plan_after = plan_after")
        placed = rank_requests(shop.warehouse, policy.policy_id, {"email"}, shop.clock)["placed"]
    assert placed == 0
    shop.plan()
    assert shop.decisions() == {request: ("told", "queue")}
