-- Purpose: erase one person, who is named by user_id, or by channel and contact.
-- Binds:   user_id, channel, contact, asked_by, confirmation_hashes (those of the person's addresses).
-- Grain:   one row: erasure_id, shoppers, counts (jsonb).
select restock.erase_person(%(user_id)s, %(channel)s, %(contact)s, %(asked_by)s, %(confirmation_hashes)s::bytea[])
