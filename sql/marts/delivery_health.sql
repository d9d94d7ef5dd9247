-- Purpose: mart.delivery_health, how delivery goes, channel by channel and hour by hour.
-- Grain:   one row a channel and hour in which something happened; the hour of now has a row for each channel.
create or replace view mart.delivery_health as
with this_hour as (
    select
        channel,
        date_trunc('hour', now(), 'UTC') as hour
    from (
        select name as channel
        from restock.channel
        union
        select channel
        from restock.mart_delivery
    ) as known
),

place as (
    select
        channel,
        hour
    from restock.mart_delivery
    union
    select
        channel,
        hour
    from this_hour
),

policy_in_force as (
    select settings
    from restock.policy
    order by policy_id desc
    limit 1
),

waiting as (
    select
        t.channel,
        t.hour,
        d.due_count,
        d.oldest_due_at
    from this_hour as t
    cross join lateral (
        select
            count(*) as due_count,
            min(o.due_at) as oldest_due_at
        from restock.outbox as o
        where o.channel = t.channel and o.due_at <= now()
    ) as d
)

select
    p.channel,
    p.hour,
    coalesce(m.sent_count, 0) as sent_count,
    coalesce(m.attempt_count, 0) as attempt_count,
    coalesce(m.retryable_count, 0) as retryable_count,
    coalesce(m.permanent_count, 0) as permanent_count,
    coalesce(m.in_doubt_count, 0) as in_doubt_count,
    coalesce(m.dead_count, 0) as dead_count,
    coalesce(m.suppression_count, 0) as suppression_count,
    coalesce(m.busiest_minute_count, 0) as busiest_minute_count,
    (f.settings -> 'rate_per_minute' ->> p.channel)::integer as rate_per_minute,
    round(
        coalesce(m.busiest_minute_count, 0) / (f.settings -> 'rate_per_minute' ->> p.channel)::numeric, 3
    ) as busiest_minute_share,
    w.due_count,
    w.oldest_due_at
from place as p
left join restock.mart_delivery as m on p.channel = m.channel and p.hour = m.hour
left join waiting as w on p.channel = w.channel and p.hour = w.hour
left join policy_in_force as f on true;
comment on view mart.delivery_health is
'How delivery goes. sent, retryable, permanent and in doubt add up to the attempts. Grain: one channel and hour (UTC)'
' in which something happened; the hour of now has a row for each channel. Of mart.refreshed; what is due is of now.';
comment on column mart.delivery_health.channel is 'Channel.';
comment on column mart.delivery_health.hour is 'Start of the hour.';
comment on column mart.delivery_health.sent_count is 'Messages that the provider accepted in the hour.';
comment on column mart.delivery_health.attempt_count is 'Attempts that ended in the hour.';
comment on column mart.delivery_health.retryable_count is 'Attempts that failed and are made again.';
comment on column mart.delivery_health.permanent_count is 'Attempts that the provider refused for good.';
comment on column mart.delivery_health.in_doubt_count is
'Attempts after which nobody knows whether the provider has the message.';
comment on column mart.delivery_health.dead_count is 'Messages given up in the hour.';
comment on column mart.delivery_health.suppression_count is
'Addresses that were suppressed in the hour: unsubscribed, bounced, complained; one that must not be written to about'
' the products of some stores counts once for each of them.';
comment on column mart.delivery_health.busiest_minute_count is 'Messages accepted in the busiest minute of the hour.';
comment on column mart.delivery_health.rate_per_minute is
'The most messages a minute that the settings allow now; null for no limit.';
comment on column mart.delivery_health.busiest_minute_share is
'The busiest minute as a share of that; null for no limit. Above 1 the limit was higher then.';
comment on column mart.delivery_health.due_count is
'Messages that are due now and have not left; null in hours that are past.';
comment on column mart.delivery_health.oldest_due_at is
'Since when the oldest of them is due; null where none is, and in hours that are past.';
