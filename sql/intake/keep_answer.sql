-- Purpose: keep the answer to a call, unless the same key has one.
-- Binds:   api_key_id, route, idempotency_key, body_hash, answer (jsonb).
-- Grain:   one row, or none where there is one.
insert into restock.idempotency_key (api_key_id, route, idempotency_key, body_hash, answer)
values (%(api_key_id)s, %(route)s, %(idempotency_key)s, %(body_hash)s, %(answer)s)
on conflict (api_key_id, route, idempotency_key) do nothing
returning 1 as kept
