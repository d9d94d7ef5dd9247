-- Purpose: the summary behind mart.delivery_health.
-- Grain:   one row a channel and hour in which something happened.
insert into restock.mart_delivery (
    channel,
    hour,
    attempt_count,
    sent_count,
    retryable_count,
    permanent_count,
    in_doubt_count,
    dead_count,
    busiest_minute_count,
    suppression_count
)
with minute as (
    select
        n.channel,
        date_trunc('minute', a.finished_at, 'UTC') as minute,
        count(*) as attempt_count,
        count(*) filter (where a.outcome = 'accepted') as sent_count,
        count(*) filter (where a.outcome = 'retryable') as retryable_count,
        count(*) filter (where a.outcome = 'permanent') as permanent_count,
        count(*) filter (where a.outcome = 'in_doubt') as in_doubt_count
    from restock.delivery_attempt as a
    inner join restock.notification as n on a.notification_key = n.notification_key
    group by n.channel, date_trunc('minute', a.finished_at, 'UTC')
),

event as (
    select
        channel,
        minute as moment,
        attempt_count,
        sent_count,
        retryable_count,
        permanent_count,
        in_doubt_count,
        0 as dead_count,
        0 as suppression_count
    from minute
    union all
    select
        channel,
        status_at as moment,
        0 as attempt_count,
        0 as sent_count,
        0 as retryable_count,
        0 as permanent_count,
        0 as in_doubt_count,
        1 as dead_count,
        0 as suppression_count
    from restock.notification
    where status = 'dead'
    union all
    select
        channel,
        suppressed_at as moment,
        0 as attempt_count,
        0 as sent_count,
        0 as retryable_count,
        0 as permanent_count,
        0 as in_doubt_count,
        0 as dead_count,
        1 as suppression_count
    from (
        select
            channel,
            suppressed_at
        from restock.suppression
        union all
        select
            channel,
            suppressed_at
        from restock.store_suppression
    ) as suppressed
)

select
    channel,
    date_trunc('hour', moment, 'UTC') as hour,
    sum(attempt_count) as attempt_count,
    sum(sent_count) as sent_count,
    sum(retryable_count) as retryable_count,
    sum(permanent_count) as permanent_count,
    sum(in_doubt_count) as in_doubt_count,
    sum(dead_count) as dead_count,
    max(sent_count) as busiest_minute_count,
    sum(suppression_count) as suppression_count
from event
group by channel, date_trunc('hour', moment, 'UTC')
