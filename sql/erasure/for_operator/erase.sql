-- Purpose: erase one person, for who has an operator's key.
-- Binds:   key_hash, user_id, channel, contact, confirmation_hashes (those of the person's addresses).
-- Grain:   one row: erasure_id, shoppers, counts (jsonb).
select
    restock.erase_for_operator(
        %(key_hash)s, %(user_id)s, %(channel)s, %(contact)s, %(confirmation_hashes)s::bytea[]
    )
