-- Purpose: merge a suppressions file: the first suppression of an address stays. In a file that is the one with the
--          earliest time, which is that of loading where the row has none.
-- Binds:   clock.
-- Needs:   incoming.
-- Grain:   one row of counts.
with first_row as (
    select distinct on (i.channel, lower(i.contact))
        i.channel,
        restock.hash_contact_with(k.inner_key, k.outer_key, i.contact) as contact_hash,
        i.reason,
        coalesce(i.suppressed_at, %(clock)s) as suppressed_at
    from incoming as i
    cross join restock.erasure_key as k
    order by i.channel, lower(i.contact), i.suppressed_at, i.line_number
),

merged as (
    insert into restock.suppression (channel, contact_hash, reason, suppressed_at)
    select
        channel,
        contact_hash,
        reason,
        suppressed_at
    from first_row
    order by channel, contact_hash
    on conflict (channel, contact_hash) do nothing
    returning 1
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        (
            select count(*)
            from first_row
        ) as distinct_count,
        (
            select count(*)
            from merged
        ) as loaded_count
)

select
    loaded_count as loaded,
    read_count - distinct_count as duplicate,
    distinct_count - loaded_count as unchanged
from counted
