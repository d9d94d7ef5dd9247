-- Purpose: the answer that a call with this key got before.
-- Binds:   api_key_id, route, idempotency_key.
-- Grain:   one row, or none.
select
    body_hash,
    answer
from restock.idempotency_key
where api_key_id = %(api_key_id)s and route = %(route)s and idempotency_key = %(idempotency_key)s
