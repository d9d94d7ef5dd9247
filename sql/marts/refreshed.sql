-- Purpose: mart.refreshed, the moment that the summaries show. The other views are of now.
-- Grain:   one row; none before the first time.
create or replace view mart.refreshed as
select
    refreshed_at,
    seconds
from restock.mart_refresh;
comment on view mart.refreshed is
'The moment that funnel_daily, episode_outcome, restock_latency, product_demand, delivery_health and policy_effect'
' show. restock_notify brings them up to date after a run, and in an idle minute when something changed. Grain: one'
' row.';
comment on column mart.refreshed.refreshed_at is 'The moment.';
comment on column mart.refreshed.seconds is
'How long it took to write them. The next time is at the earliest twenty times as long after.';
