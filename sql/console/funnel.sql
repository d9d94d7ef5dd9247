-- Purpose: how far the requests of the last days have come, as of the last refresh of the marts.
-- Binds:   first_day.
-- Grain:   one row; every count is null where there was no request.
select
    sum(f.request_count)::bigint as waiting,
    sum(f.available_count)::bigint as available,
    sum(f.scheduled_count)::bigint as scheduled,
    sum(f.sent_count)::bigint as sent,
    sum(f.clicked_count)::bigint as clicked,
    sum(f.bought_count)::bigint as bought,
    (
        select r.refreshed_at
        from restock.mart_refresh as r
    ) as refreshed_at
from mart.funnel_daily as f
where f.request_day >= %(first_day)s
