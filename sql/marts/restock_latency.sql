-- Purpose: mart.restock_latency, how long it takes from the snapshot to the message, wave by wave.
-- Grain:   one row a wave and channel.
create or replace view mart.restock_latency as
select
    wave,
    channel,
    item_count,
    snapshot_count,
    snapshot_to_decision[1] as snapshot_to_decision_p50_seconds,
    snapshot_to_decision[2] as snapshot_to_decision_p95_seconds,
    snapshot_to_decision[3] as snapshot_to_decision_p99_seconds,
    snapshot_to_acceptance[1] as snapshot_to_acceptance_p50_seconds,
    snapshot_to_acceptance[2] as snapshot_to_acceptance_p95_seconds,
    snapshot_to_acceptance[3] as snapshot_to_acceptance_p99_seconds,
    opening_to_decision[1] as opening_to_decision_p50_seconds,
    opening_to_decision[2] as opening_to_decision_p95_seconds,
    opening_to_decision[3] as opening_to_decision_p99_seconds,
    decision_to_acceptance[1] as decision_to_acceptance_p50_seconds,
    decision_to_acceptance[2] as decision_to_acceptance_p95_seconds,
    decision_to_acceptance[3] as decision_to_acceptance_p99_seconds,
    opening_to_acceptance[1] as opening_to_acceptance_p50_seconds,
    opening_to_acceptance[2] as opening_to_acceptance_p95_seconds,
    opening_to_acceptance[3] as opening_to_acceptance_p99_seconds,
    due_to_acceptance[1] as due_to_acceptance_p50_seconds,
    due_to_acceptance[2] as due_to_acceptance_p95_seconds,
    due_to_acceptance[3] as due_to_acceptance_p99_seconds
from restock.mart_latency;
comment on view mart.restock_latency is
'How long it takes from the snapshot that showed a product available to the message, over the items that were sent and'
' are kept; quiet hours, waves and gates included. For a shopper who asked after the snapshot or the opening, it runs'
' from the request instead. Grain: one wave and channel. Of mart.refreshed.';
comment on column mart.restock_latency.wave is 'Wave, from 0; later waves are told later on purpose.';
comment on column mart.restock_latency.channel is 'Channel.';
comment on column mart.restock_latency.item_count is 'Items that the percentiles are over.';
comment on column mart.restock_latency.snapshot_count is
'Items whose snapshot is known, which those from the snapshot are over.';
comment on column mart.restock_latency.snapshot_to_decision_p50_seconds is
'Half of the items took at most this long from the snapshot to the decision.';
comment on column mart.restock_latency.snapshot_to_decision_p95_seconds is
'95 in 100 items took at most this long from the snapshot to the decision.';
comment on column mart.restock_latency.snapshot_to_decision_p99_seconds is
'99 in 100 items took at most this long from the snapshot to the decision.';
comment on column mart.restock_latency.snapshot_to_acceptance_p50_seconds is
'Half of the items took at most this long from the snapshot to the provider''s acceptance.';
comment on column mart.restock_latency.snapshot_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the snapshot to the provider''s acceptance.';
comment on column mart.restock_latency.snapshot_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the snapshot to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_decision_p50_seconds is
'Half of the items took at most this long from the opening of the restock to the decision.';
comment on column mart.restock_latency.opening_to_decision_p95_seconds is
'95 in 100 items took at most this long from the opening of the restock to the decision.';
comment on column mart.restock_latency.opening_to_decision_p99_seconds is
'99 in 100 items took at most this long from the opening of the restock to the decision.';
comment on column mart.restock_latency.decision_to_acceptance_p50_seconds is
'Half of the items took at most this long from the decision to the provider''s acceptance.';
comment on column mart.restock_latency.decision_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the decision to the provider''s acceptance.';
comment on column mart.restock_latency.decision_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the decision to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_acceptance_p50_seconds is
'Half of the items took at most this long from the opening of the restock to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the opening of the restock to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the opening of the restock to the provider''s acceptance.';
comment on column mart.restock_latency.due_to_acceptance_p50_seconds is
'Half of the items took at most this long from the due time of the message to the provider''s acceptance.';
comment on column mart.restock_latency.due_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the due time of the message to the provider''s acceptance.';
comment on column mart.restock_latency.due_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the due time of the message to the provider''s acceptance.';
