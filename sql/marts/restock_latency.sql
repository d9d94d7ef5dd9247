-- Purpose: mart.restock_latency, how long it takes from a restock to the message, wave by wave.
-- Grain:   one row a wave and channel.
create or replace view mart.restock_latency as
with accepted as (
    select
        notification_key,
        min(finished_at) as accepted_at
    from restock.delivery_attempt
    where outcome = 'accepted'
    group by notification_key
),

told as (
    select
        d.wave,
        n.channel,
        extract(epoch from d.decided_at - e.opened_at)::double precision as opening_to_decision,
        extract(epoch from a.accepted_at - d.decided_at)::double precision as decision_to_acceptance,
        extract(epoch from a.accepted_at - e.opened_at)::double precision as opening_to_acceptance,
        extract(epoch from a.accepted_at - n.due_at)::double precision as due_to_acceptance
    from restock.decision as d
    inner join restock.episode as e on d.episode_id = e.episode_id
    inner join restock.notification as n on d.notification_key = n.notification_key
    inner join accepted as a on d.notification_key = a.notification_key
    where d.dropped_at is null
),

measured as (
    select
        wave,
        channel,
        count(*) as item_count,
        percentile_cont(array[0.5, 0.95, 0.99]) within group (
            order by opening_to_decision
        ) as opening_to_decision,
        percentile_cont(array[0.5, 0.95, 0.99]) within group (
            order by decision_to_acceptance
        ) as decision_to_acceptance,
        percentile_cont(array[0.5, 0.95, 0.99]) within group (
            order by opening_to_acceptance
        ) as opening_to_acceptance,
        percentile_cont(array[0.5, 0.95, 0.99]) within group (
            order by due_to_acceptance
        ) as due_to_acceptance
    from told
    group by wave, channel
)

select
    wave,
    channel,
    item_count,
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
from measured;
comment on view mart.restock_latency is
'How long it takes from a restock to the message, over all items that were sent. Grain: one wave and channel.';
comment on column mart.restock_latency.wave is 'Wave, from 0; later waves are told later on purpose.';
comment on column mart.restock_latency.channel is 'Channel.';
comment on column mart.restock_latency.item_count is 'Items that the percentiles are over.';
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
