-- Purpose: what the messages of the period are credited with.
-- Binds:   first_at, end_at.
-- Grain:   one row.
select
    count(*) as item_count,
    coalesce(sum(order_count), 0)::bigint as order_count,
    coalesce(sum(unit_count), 0)::bigint as unit_count
from mart.attribution
where sent_at >= %(first_at)s and sent_at < %(end_at)s
