-- Purpose: what came in, what came back, what was told, and how long that took.
-- Binds:   landed (times of the drops), clock.
-- Grain:   one row. A request that joined an open one counts as a request. The seconds are from the snapshot to the
--          provider's acceptance, over the items that nothing held up on purpose (waves, quiet hours, the daily cap)
--          and whose request was there when the product came back; null before the first.
with feed as (
    select
        count(*) filter (where status = 'loaded') as files_loaded,
        count(*) filter (where status = 'duplicate') as files_duplicate,
        count(*) filter (where status = 'failed') as files_failed,
        coalesce(sum(read_count), 0)::bigint as rows_read,
        coalesce(sum(loaded_count), 0)::bigint as rows_loaded,
        coalesce(sum(rejected_count), 0)::bigint as rows_rejected,
        coalesce(sum(duplicate_count), 0)::bigint as rows_duplicate,
        coalesce(sum(stale_count + unchanged_count), 0)::bigint as rows_nothing_new
    from restock.feed_file
),

told as (
    select
        d.wave = 0 and d.scheduled_at = d.due_at and r.recorded_at <= e.opened_at as is_prompt,
        extract(epoch from a.finished_at - (
            select max(drop_landed.landed_at)
            from unnest(cast(%(landed)s as timestamptz[])) as drop_landed (landed_at)
            where drop_landed.landed_at <= e.opened_at
        )) as seconds
    from restock.decision as d
    inner join restock.delivery_attempt as a on d.notification_key = a.notification_key
    inner join restock.episode as e on d.episode_id = e.episode_id
    inner join restock.request as r on d.request_key = r.request_key
    where d.dropped_at is null and a.outcome = 'accepted'
),

speed as (
    select
        count(*) as items_told,
        percentile_cont(0.5) within group (order by seconds) filter (where is_prompt) as p50_seconds,
        percentile_cont(0.95) within group (order by seconds) filter (where is_prompt) as p95_seconds
    from told
),

later as (
    select
        count(*) as messages_later,
        min(due_at) as next_due_at
    from restock.outbox
    where due_at > %(clock)s
),

total as (
    select
        (select count(*) from restock.request) + (select count(*) from restock.joined_request) as requests,
        (select count(distinct episode_id) from restock.decision) as restocks,
        (
            select count(*)
            from restock.notification
            where status = 'sent'
        ) as messages_sent
)

select *
from feed
cross join total
cross join speed
cross join later
