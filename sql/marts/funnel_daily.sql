-- Purpose: mart.funnel_daily, how far the requests of each day have come by now.
-- Grain:   one row a day (UTC) and store.
create or replace view mart.funnel_daily as
with looked_at as (
    select
        d.request_key,
        bool_or(d.notification_key is not null) as was_scheduled,
        bool_or(d.dropped_at is null and n.status = 'sent') as was_sent
    from restock.decision as d
    left join restock.notification as n on d.notification_key = n.notification_key
    group by d.request_key
)

select
    r.store_id,
    (r.requested_at at time zone 'UTC')::date as request_day,
    count(*) as request_count,
    count(*) filter (where l.request_key is not null or e.episode_id is not null) as available_count,
    count(*) filter (where l.was_scheduled) as scheduled_count,
    count(*) filter (where l.was_sent) as sent_count
from restock.request as r
left join looked_at as l on r.request_key = l.request_key
left join restock.open_request as o on r.request_key = o.request_key
left join restock.episode as e
    on o.store_id = e.store_id and o.product_id = e.product_id and e.closed_at is null
group by request_day, r.store_id;
comment on view mart.funnel_daily is
'How far the requests of each day have come by now; each count is part of the one before. Grain: one day and store.';
comment on column mart.funnel_daily.request_day is 'Day on which the shoppers asked, in UTC.';
comment on column mart.funnel_daily.store_id is 'Store.';
comment on column mart.funnel_daily.request_count is 'Requests of that day.';
comment on column mart.funnel_daily.available_count is 'Those whose product was available since, or is now.';
comment on column mart.funnel_daily.scheduled_count is
'Those that were put into a message, also where the last look took them out again.';
comment on column mart.funnel_daily.sent_count is 'Those whose message was sent.';
