-- Purpose: how far the requests of the period have come, as of the last refresh of the marts.
-- Binds:   first_day, last_day.
-- Grain:   one row.
select
    coalesce(sum(request_count), 0)::bigint as request_count,
    coalesce(sum(available_count), 0)::bigint as available_count,
    coalesce(sum(scheduled_count), 0)::bigint as scheduled_count,
    coalesce(sum(sent_count), 0)::bigint as sent_count,
    coalesce(sum(clicked_count), 0)::bigint as clicked_count,
    coalesce(sum(bought_count), 0)::bigint as bought_count
from mart.funnel_daily
where request_day between %(first_day)s and %(last_day)s
