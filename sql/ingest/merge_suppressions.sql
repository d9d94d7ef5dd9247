-- Purpose: merge a suppressions file: the first suppression of an address stays. In a file that is the one with the
--          earliest time, which is that of loading where the row has none.
-- Binds:   clock.
-- Needs:   incoming.
-- Grain:   one row of counts.
with first_row as (
    select distinct on (channel, lower(contact))
        channel,
        lower(contact) as contact,
        reason,
        coalesce(suppressed_at, %(clock)s) as suppressed_at
    from incoming
    order by channel, lower(contact), suppressed_at, line_number
),

merged as (
    insert into restock.suppression (channel, contact, reason, suppressed_at)
    select
        channel,
        contact,
        reason,
        suppressed_at
    from first_row
    order by channel, contact
    on conflict (channel, contact) do nothing
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
