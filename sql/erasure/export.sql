-- Purpose: everything that is known of one person, who is named by user_id, or by channel and contact.
-- Binds:   user_id, channel, contact.
-- Grain:   one row an item: part, item (jsonb); those of a part stand together.
select
    part,
    item
from restock.export_person(%(user_id)s, %(channel)s, %(contact)s)
