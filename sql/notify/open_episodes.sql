-- Purpose: rules 1 and 2: open an episode for each product and store that has enough units and no open episode, held
--          where too many come back at once or the stock was counted too long ago, and put the products of those that
--          are not held into the plan queue. While a gate of the inventory feed holds, none opens.
-- Binds:   clock, settings (jsonb, every setting), policy_id, max_restock_share.
-- Grain:   one row: how many opened, of them held, and how many products are known.
with stock as materialized (
    select
        store_id,
        product_id,
        quantity,
        snapshot_at,
        min_quantity,
        notify_per_unit,
        max_snapshot_age_hours
    from restock.stock_settings(%(settings)s)
),

back as materialized (
    select
        s.store_id,
        s.product_id,
        s.quantity,
        s.notify_per_unit,
        s.snapshot_at,
        s.max_snapshot_age_hours
    from stock as s
    where
        s.quantity >= s.min_quantity
        and not exists (
            select 1
            from restock.episode as e
            where e.store_id = s.store_id and e.product_id = s.product_id and e.closed_at is null
        )
        and not exists (
            select 1
            from restock.holding_gate as g
            where g.feed = 'inventory'
        )
),

figures as (
    select
        (
            select count(*)
            from stock
        ) as known_count,
        count(*) as back_count
    from back
),

evidence as (
    select
        w.store_id,
        w.product_id,
        w.notify_per_unit,
        w.evidence
    from (
        select
            array_agg(store_id) as store_ids,
            array_agg(product_id) as product_ids
        from back
        where notify_per_unit = 'auto'
    ) as a
    cross join restock.wave_size_by_evidence(a.store_ids, a.product_ids, %(clock)s) as w
),

judged as (
    select
        b.store_id,
        b.product_id,
        b.quantity,
        b.snapshot_at,
        case b.notify_per_unit when 'auto' then v.notify_per_unit else b.notify_per_unit::numeric end
            as notify_per_unit,
        v.evidence,
        case
            when f.known_count >= 1000 and f.back_count > f.known_count * %(max_restock_share)s::numeric
                then 'restock_share'
            when b.snapshot_at < %(clock)s - make_interval(hours => b.max_snapshot_age_hours) then 'snapshot_age'
        end as gate,
        format(
            '%%s of %%s products came back at once, more than the share of %%s that restock_max_restock_share allows',
            f.back_count,
            f.known_count,
            trim_scale(%(max_restock_share)s::numeric)
        ) as share_reason,
        format(
            'its stock was last counted on %%s, longer ago than the %%s hours of restock_max_snapshot_age_hours',
            to_char(b.snapshot_at at time zone 'UTC', 'FMDD FMMonth YYYY HH24:MI "UTC"'),
            b.max_snapshot_age_hours
        ) as age_reason
    from back as b
    cross join figures as f
    left join evidence as v on b.store_id = v.store_id and b.product_id = v.product_id
),

standing as (
    insert into restock.gate as standing (gate, feed, scope, severity, clears, debug_value, since, checked_at)
    select
        gate,
        'inventory',
        'episodes',
        'fail',
        'by hand',
        case gate
            when 'restock_share' then min(share_reason)
            else
                format(
                    '%%s products came back by a stock count older than restock_max_snapshot_age_hours allows', count(*)
                )
        end,
        %(clock)s,
        %(clock)s
    from judged
    where gate is not null
    group by gate
    on conflict (gate, feed) where released_at is null do update
        set
            debug_value = excluded.debug_value,
            checked_at = greatest(standing.checked_at, excluded.checked_at)
    returning gate_id, gate
),

opened as (
    insert into restock.episode (
        store_id,
        product_id,
        quantity,
        snapshot_at,
        opened_at,
        held_since,
        held_reason,
        gate_id,
        notify_per_unit,
        wave_evidence,
        policy_id
    )
    select
        j.store_id,
        j.product_id,
        j.quantity,
        j.snapshot_at,
        %(clock)s,
        case when j.gate is not null then %(clock)s::timestamptz end,
        case j.gate when 'restock_share' then j.share_reason when 'snapshot_age' then j.age_reason end,
        s.gate_id,
        j.notify_per_unit,
        j.evidence,
        %(policy_id)s
    from judged as j
    left join standing as s on j.gate = s.gate
    order by j.store_id, j.product_id
    on conflict (store_id, product_id) where closed_at is null do nothing
    returning store_id, product_id, held_since
),

queued as (
    insert into restock.plan_queue (store_id, product_id, plan_after)
    select
        store_id,
        product_id,
        %(clock)s
    from opened
    where held_since is null
    order by store_id, product_id
    on conflict (store_id, product_id) do update
        set plan_after = least(plan_queue.plan_after, excluded.plan_after)
)

select
    count(*) as opened_count,
    count(held_since) as held_count,
    (
        select known_count
        from figures
    ) as known_count
from opened
