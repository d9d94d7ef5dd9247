-- Purpose: the next range of requests that can be archived and removed.
-- Binds:   family, since (what ended before it may go), range_keys (at most so many keys).
-- Grain:   one row: first_key, end_key (not after first_key: none); nulls where there is nothing at all.
select
    k.first_key,
    restock.first_needed(%(family)s, %(since)s, least(k.first_key + %(range_keys)s, k.end_key)) as end_key
from (
    select
        min(request_key) as first_key,
        max(request_key) + 1 as end_key
    from restock.request
) as k
