-- Purpose: the summary behind mart.restock_latency.
-- Grain:   one row a wave and channel.
insert into restock.mart_latency (
    wave,
    channel,
    item_count,
    snapshot_count,
    snapshot_to_decision,
    snapshot_to_acceptance,
    opening_to_decision,
    decision_to_acceptance,
    opening_to_acceptance,
    due_to_acceptance
)
select
    wave,
    channel,
    count(*) as item_count,
    count(snapshot_at) as snapshot_count,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from decided_at - snapshot_at)),
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from sent_at - snapshot_at)),
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from decided_at - opened_at)),
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from sent_at - decided_at)),
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from sent_at - opened_at)),
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from sent_at - due_at))
from sent_now
group by wave, channel
