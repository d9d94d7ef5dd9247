-- Purpose: the summary behind mart.funnel_daily. A request counts at each step up to the furthest that it reached.
-- Grain:   one row a store and day (UTC).
insert into restock.mart_funnel (
    store_id,
    request_day,
    request_count,
    available_count,
    scheduled_count,
    sent_count,
    clicked_count,
    bought_count,
    bought_without_click_count
)
with looked_at as (
    select
        request_key,
        bool_or(notification_key is not null) as was_scheduled
    from restock.decision
    group by request_key
),

reached as (
    select
        request_key,
        bool_or(has_clicked) as has_clicked,
        bool_or(has_bought) as has_bought
    from sent_now
    group by request_key
)

select
    r.store_id,
    (r.requested_at at time zone 'UTC')::date as request_day,
    count(*) as request_count,
    count(*) filter (where l.request_key is not null or e.episode_id is not null) as available_count,
    count(*) filter (where l.was_scheduled) as scheduled_count,
    count(s.request_key) as sent_count,
    count(*) filter (where s.has_clicked or s.has_bought) as clicked_count,
    count(*) filter (where s.has_bought) as bought_count,
    count(*) filter (where s.has_bought and not s.has_clicked) as bought_without_click_count
from restock.request as r
left join looked_at as l on r.request_key = l.request_key
left join reached as s on r.request_key = s.request_key
left join restock.open_request as o on r.request_key = o.request_key
left join restock.episode as e
    on o.store_id = e.store_id and o.product_id = e.product_id and e.closed_at is null
group by r.store_id, request_day
