-- Purpose: how fast is a shopper told after the stock was counted, and where does the time go?
-- Grain:   one row a wave and channel.
-- Read it: half of the messages of the wave were with the provider snapshot_to_provider minutes after the stock count,
--          or after the request where that came later, and 95 in 100 after p95_snapshot_to_provider minutes. Of the
--          half's time to_plan passed until the message was planned, and after_due from when it was due until the
--          provider had it; what lies between is on purpose: waves, quiet hours, digests. Wave 0 shows the pipeline;
--          each later wave comes later by restock_wave_interval_minutes. A large after_due means that senders or the
--          rate cannot follow.
select
    wave,
    channel,
    item_count,
    round((snapshot_to_acceptance_p50_seconds / 60)::numeric, 1) as snapshot_to_provider,
    round((snapshot_to_acceptance_p95_seconds / 60)::numeric, 1) as p95_snapshot_to_provider,
    round((snapshot_to_decision_p50_seconds / 60)::numeric, 1) as to_plan,
    round((due_to_acceptance_p50_seconds / 60)::numeric, 1) as after_due
from mart.restock_latency
order by wave asc, channel asc
