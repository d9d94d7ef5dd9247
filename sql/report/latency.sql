-- Purpose: how long the steps from the snapshot, or from the request where that came later, to the provider's
--          acceptance took, over the items that were accepted in the period; each duration as the seconds within which
--          50, 95 and 99 in 100 items went through it.
-- Binds:   first_at, end_at, last_wave (from which on waves count as one).
-- Grain:   one row a wave, and one with wave null for all.
with accepted as (
    select
        least(d.wave, %(last_wave)s) as wave,
        d.decided_at,
        d.accepted_at,
        n.due_at,
        -- Greatest passes over nulls, and a snapshot that is not known must stay so.
        case when e.snapshot_at is not null then greatest(e.snapshot_at, d.requested_at) end as start_at
    from mart.decision_fact as d
    inner join mart.episode_outcome as e on d.episode_id = e.episode_id
    inner join mart.notification_fact as n on d.notification_id = n.notification_id
    where d.accepted_at >= %(first_at)s and d.accepted_at < %(end_at)s
),

item as (
    select
        wave,
        extract(epoch from decided_at - start_at) as to_decision,
        extract(epoch from accepted_at - decided_at) as to_acceptance,
        extract(epoch from accepted_at - start_at) as whole,
        extract(epoch from accepted_at - due_at) as late
    from accepted
)

select
    wave,
    count(*) as item_count,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by to_decision) as to_decision,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by to_acceptance) as to_acceptance,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by whole) as whole,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by late) as late
from item
group by grouping sets ((wave), ())
order by grouping(wave) desc, wave asc
