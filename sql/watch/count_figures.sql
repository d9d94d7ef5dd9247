-- Purpose: add what happened since the last count to the totals behind the metrics: attempts, dead messages, rows
--          of the feeds. What ended within the last two minutes is left to the next count: a sender may still be
--          about to write it down.
-- Binds:   clock.
-- Grain:   one row: counted_from and counted_until, which are the same where somebody counted a moment ago.
with mark as (
    select counted_until
    from restock.figure_mark
    for update
),

span as (
    select
        counted_until as counted_from,
        greatest(counted_until, %(clock)s - interval '2 minutes') as counted_until
    from mark
),

moved as (
    update restock.figure_mark
    set counted_until = s.counted_until
    from span as s
),

attempts as (
    select
        n.channel,
        a.outcome,
        count(*) as attempt_count,
        count(*) filter (where n.status = 'dead' and n.attempt_count = a.attempt_number) as dead_count
    from restock.delivery_attempt as a
    inner join restock.notification as n on a.notification_key = n.notification_key
    cross join span as s
    where a.finished_at > s.counted_from and a.finished_at <= s.counted_until
    group by n.channel, a.outcome
),

files as (
    select
        f.feed,
        sum(f.loaded_count) as loaded,
        sum(f.rejected_count) as rejected
    from restock.feed_file as f
    cross join span as s
    where f.recorded_at > s.counted_from and f.recorded_at <= s.counted_until
    group by f.feed
),

happened as (
    select
        'restock.messages' as name,
        jsonb_build_object('channel', channel, 'outcome', outcome) as tags,
        attempt_count as added
    from attempts
    union all
    select
        'restock.messages_dead',
        jsonb_build_object('channel', channel),
        sum(dead_count)::bigint
    from attempts
    group by channel
    union all
    select
        'restock.rows_loaded',
        jsonb_build_object('feed', feed),
        loaded::bigint
    from files
    union all
    select
        'restock.rows_rejected',
        jsonb_build_object('feed', feed),
        rejected::bigint
    from files
),

added as (
    insert into restock.figure as f (name, tags, total)
    select
        name,
        tags,
        added
    from happened
    where added > 0
    order by name, tags
    on conflict (name, tags) do update
        set total = f.total + excluded.total
)

select
    counted_from,
    counted_until
from span
