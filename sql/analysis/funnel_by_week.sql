-- Purpose: of the requests of each week, how many went how far?
-- Grain:   one row a store and week (from Monday, UTC) of the requests.
-- Read it: each percentage is of the requests of the week. Where available_percent is low, buy more of what is waited
--          for (most_wanted_sold_out). Where scheduled is far below available, rules held messages back (why_not_told).
--          Where sent is far below scheduled, stock or delivery ran out on the way (delivery_trouble). Young weeks
--          still grow: their shoppers wait. A purchase without a click that was seen counts as clicked as well.
select
    store_id,
    date_trunc('week', request_day)::date as week_start,
    sum(request_count) as request_count,
    round(100 * sum(available_count) / sum(request_count), 1) as available_percent,
    round(100 * sum(scheduled_count) / sum(request_count), 1) as scheduled_percent,
    round(100 * sum(sent_count) / sum(request_count), 1) as sent_percent,
    round(100 * sum(clicked_count) / sum(request_count), 1) as clicked_percent,
    round(100 * sum(bought_count) / sum(request_count), 1) as bought_percent
from mart.funnel_daily
group by store_id, week_start
order by store_id asc, week_start asc
