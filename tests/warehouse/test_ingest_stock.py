"""The inventory feed: the newest snapshot counts, whatever the order of arrival; availability is its sum."""

from itertools import permutations

from tests.warehouse.landing import Landing, stock

AVAILABLE = "select store_id, product_id, quantity, snapshot_at::time::text from restock.availability order by 1, 2"


def quantities(landing: Landing) -> dict[str, int]:
    return dict(landing.rows("select product_id, quantity from restock.availability order by 1"))


def test_stock_is_kept_per_location_and_summed_per_store(landing: Landing):
    rows = [
        stock("lamp", 3, 1, location_id="hall"),
        stock("lamp", 4, 2, location_id="attic"),
        stock("lamp", 9, 3, location_id="repair", orderable="false"),
        stock("lamp", 5, 1, store_id="berlin"),
        stock("mug", 0, 1),
    ]
    assert landing.send("inventory", rows) == {"read": 5, "loaded": 5}
    assert landing.rows(AVAILABLE) == [
        ("berlin", "lamp", 5, "00:01:00"),
        ("main", "lamp", 7, "00:03:00"),
        ("main", "mug", 0, "00:01:00"),
    ]
    assert landing.rows("select location_id from restock.inventory where store_id = 'berlin'") == [("main",)]


def test_one_location_can_sell_out_while_others_do_not(landing: Landing):
    landing.send("inventory", [stock("lamp", 3, 1, location_id="hall"), stock("lamp", 4, 1, location_id="attic")])
    landing.send("inventory", [stock("lamp", 0, 2, location_id="hall")])
    assert quantities(landing) == {"lamp": 4}
    landing.send("inventory", [stock("lamp", 4, 2, location_id="attic", orderable="false")])
    assert quantities(landing) == {"lamp": 0}


def test_an_older_snapshot_is_stale_and_the_same_one_unchanged(landing: Landing):
    landing.send("inventory", [stock("lamp", 3, 5)])
    assert landing.send("inventory", [stock("lamp", 9, 4)]) == {"read": 1, "stale": 1}
    assert landing.send("inventory", [stock("lamp", 3, 5)], "again.jsonl") == {"read": 1, "unchanged": 1}
    assert quantities(landing) == {"lamp": 3}
    assert landing.send("inventory", [stock("lamp", 3, 6)]) == {"read": 1, "loaded": 1}
    assert landing.rows(AVAILABLE) == [("main", "lamp", 3, "00:06:00")]


def test_of_several_rows_in_one_file_the_newest_counts(landing: Landing):
    rows = [stock("lamp", 1, 1), stock("lamp", 3, 3), stock("lamp", 2, 2), stock("mug", 8, 1)]
    assert landing.send("inventory", rows) == {"read": 4, "loaded": 2, "stale": 2}
    assert quantities(landing) == {"lamp": 3, "mug": 8}


def test_what_a_snapshot_does_not_name_stays_as_it_is(landing: Landing):
    landing.send("inventory", [stock("lamp", 3, 1), stock("mug", 8, 1)])
    landing.send("inventory", [stock("mug", 0, 2)])
    assert quantities(landing) == {"lamp": 3, "mug": 0}


def test_snapshots_in_any_order_end_in_the_same_state_also_when_two_claim_the_same_moment(landing: Landing):
    events = [(5, 1, "true"), (0, 2, "true"), (7, 3, "true"), (4, 3, "true")]
    orders = list(permutations(events))
    for position in range(len(events)):
        rows = [
            stock(f"p{number:02}", quantity, at, orderable=orderable)
            for number, order in enumerate(orders)
            for quantity, at, orderable in [order[position]]
        ]
        landing.put("inventory", rows)
    landing.put("inventory", [stock("all", quantity, at, orderable=orderable) for quantity, at, orderable in events])
    landing.load()
    assert set(quantities(landing).values()) == {4}
    assert len(quantities(landing)) == len(orders) + 1


def test_at_the_same_moment_what_must_not_be_sold_wins(landing: Landing):
    landing.send("inventory", [stock("lamp", 3, 5)])
    assert landing.send("inventory", [stock("lamp", 9, 5, orderable="false")]) == {"read": 1, "loaded": 1}
    assert landing.send("inventory", [stock("lamp", 1, 5)]) == {"read": 1, "stale": 1}
    assert quantities(landing) == {"lamp": 0}


def test_the_largest_quantities_add_up(landing: Landing):
    landing.send("inventory", [stock("lamp", 2_147_483_647, location_id=str(number)) for number in range(3)])
    assert quantities(landing) == {"lamp": 3 * 2_147_483_647}
