-- Purpose: everything that is known of one person, for who has an operator's key; the first rows of it.
-- Binds:   key_hash, user_id, channel, contact, most (rows).
-- Grain:   one row an item: part, item (jsonb); those of a part stand together.
select
    e.part,
    e.item
from
    restock.export_for_operator(%(key_hash)s, %(user_id)s, %(channel)s, %(contact)s)
    with ordinality as e (part, item, place)
order by e.place
limit %(most)s
