-- Purpose: the next range of days whose purchases can be archived and removed: half a year at most.
-- Binds:   family, since (what was bought a month before it may go).
-- Grain:   one row: first_key, end_key (not after first_key: none), as days since 1970-01-01; nulls without purchases.
select
    k.first_key,
    restock.first_needed(%(family)s, %(since)s, least(k.first_key + 183, k.end_key)) as end_key
from (
    select
        min((ordered_at at time zone 'UTC')::date) - date '1970-01-01' as first_key,
        max((ordered_at at time zone 'UTC')::date) - date '1970-01-01' + 1 as end_key
    from restock.purchase
) as k
