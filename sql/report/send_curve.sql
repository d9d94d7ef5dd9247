-- Purpose: the messages that providers accepted, over the period.
-- Binds:   step (hour or day), first_at, end_at.
-- Grain:   one row a step (UTC) and channel in which messages left.
select
    channel,
    date_trunc(%(step)s, hour, 'UTC') as step_at,
    sum(sent_count)::bigint as sent_count
from mart.delivery_health
where hour >= %(first_at)s and hour < %(end_at)s and sent_count > 0
group by channel, date_trunc(%(step)s, hour, 'UTC')
order by channel, date_trunc(%(step)s, hour, 'UTC')
