-- Purpose: how delivery went in the period, and what is due and has not left.
-- Binds:   first_at, end_at.
-- Grain:   one row a channel. due_count and oldest_due_at are of now, and null where the period is past.
select
    channel,
    sum(attempt_count)::bigint as attempt_count,
    sum(sent_count)::bigint as sent_count,
    sum(retryable_count)::bigint as retryable_count,
    sum(permanent_count)::bigint as permanent_count,
    sum(in_doubt_count)::bigint as in_doubt_count,
    sum(dead_count)::bigint as dead_count,
    sum(suppression_count)::bigint as suppression_count,
    max(busiest_minute_count) as busiest_minute_count,
    max(due_count) as due_count,
    min(oldest_due_at) as oldest_due_at
from mart.delivery_health
where hour >= %(first_at)s and hour < %(end_at)s
group by channel
having sum(attempt_count) + sum(dead_count) + sum(suppression_count) + coalesce(max(due_count), 0) > 0
order by sum(attempt_count) desc, channel asc
