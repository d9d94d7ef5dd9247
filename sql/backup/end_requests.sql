-- Purpose: end the requests that were answered after the backup, or may have been. Nobody can say by which message, so
--          they end as expired, with the reason; the last look takes them out of messages that have still to leave.
-- Binds:   restored_at, drop_doubtful (whether those that may have been answered end, too).
-- Needs:   told_request, doubtful_request.
-- Grain:   one row: told_count, dropped_count.
with ending as (
    select
        request_key,
        'told_before_restore' as reason
    from told_request
    union all
    select
        request_key,
        'in_doubt_after_restore' as reason
    from doubtful_request
    where %(drop_doubtful)s
),

ended as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select
        e.request_key,
        'expired',
        e.reason,
        greatest(%(restored_at)s, r.requested_at)
    from ending as e
    inner join restock.request as r on e.request_key = r.request_key
    order by e.request_key
    on conflict (request_key) do nothing
),

no_longer_open as (
    delete from restock.open_request as o
    using ending as e, restock.request as r
    where
        r.request_key = e.request_key
        and o.store_id = r.store_id
        and o.product_id = r.product_id
        and o.user_id = r.user_id
        and o.channel = r.channel
        and o.request_key = e.request_key
)

select
    count(*) filter (where reason = 'told_before_restore') as told_count,
    count(*) filter (where reason = 'in_doubt_after_restore') as dropped_count
from ending
