-- Purpose: how long did shoppers wait from their request to the message, and how much of that was ours?
-- Grain:   one row a store and week (from Monday, UTC) in which messages were sent.
-- Read it: half of the shoppers waited at most median_hours_waited and 95 in 100 at most p95_hours_waited; most of
--          that is the time until the product came back. median_minutes_after_restock is our part: from the moment
--          the pipeline saw the product available, or was asked if that was later, until the provider took the message,
--          quiet hours and waves included. If it grows while the waiting time does not, look at mart.restock_latency.
select
    store_id,
    date_trunc('week', accepted_at at time zone 'UTC')::date as week_start,
    count(*) as told_count,
    round((percentile_cont(0.5) within group (
        order by extract(epoch from accepted_at - requested_at)
    ) / 3600)::numeric, 1) as median_hours_waited,
    round((percentile_cont(0.95) within group (
        order by extract(epoch from accepted_at - requested_at)
    ) / 3600)::numeric, 1) as p95_hours_waited,
    round((percentile_cont(0.5) within group (
        order by extract(epoch from accepted_at - greatest(opened_at, requested_at))
    ) / 60)::numeric, 1) as median_minutes_after_restock
from mart.decision_fact
where accepted_at is not null
group by store_id, week_start
order by store_id asc, week_start asc
