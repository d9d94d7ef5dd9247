-- Purpose: when did messages not get through?
-- Grain:   one row a channel and day (UTC) on which an attempt failed or a message was given up, the newest first.
-- Read it: of attempt_count attempts failed_percent were not accepted. retryable: the provider was busy or down, and it
--          was tried again. permanent: it refused for good; many at once mean that the content or the sender is refused
--          and not the addresses. in doubt: nobody knows whether the shopper got it. dead_count messages were given up
--          that day: trigger restock_notify with replay_dead once the cause is gone. Where busiest_minute_share is near
--          1, restock_rate_per_minute is what holds messages back.
select
    channel,
    (hour at time zone 'UTC')::date as day,
    sum(attempt_count) as attempt_count,
    sum(retryable_count) as retryable_count,
    sum(permanent_count) as permanent_count,
    sum(in_doubt_count) as in_doubt_count,
    sum(dead_count) as dead_count,
    round(100 * (1 - sum(sent_count) / nullif(sum(attempt_count), 0)), 1) as failed_percent,
    max(busiest_minute_share) as busiest_minute_share
from mart.delivery_health
group by channel, day
having sum(attempt_count) > sum(sent_count) or sum(dead_count) > 0
order by day desc, channel asc
