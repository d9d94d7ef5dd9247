-- Purpose: the episodes that a run at this moment would leave open under some settings: those that are open and not
--          sold out, and those that rules 1 and 2 would open. Writes nothing; says what open_episodes.sql would do.
-- Binds:   clock, settings (jsonb, every setting), max_restock_share.
-- Grain:   one row a product and store. episode_id is below 0 where the episode has yet to open.
with stock as materialized (
    select
        store_id,
        product_id,
        quantity,
        snapshot_at,
        min_quantity,
        notify_per_unit,
        max_snapshot_age_hours,
        -- the same for the same product whatever the settings, so that the draw of the holdout is the same
        -row_number() over (order by store_id, product_id) as future_id
    from restock.stock_settings(%(settings)s)
),

standing as (
    select
        e.episode_id,
        e.store_id,
        e.product_id,
        e.opened_at,
        e.quantity,
        e.notify_per_unit,
        e.last_position,
        e.held_since is not null and g.released_at is null as held,
        coalesce(a.quantity, e.quantity) as on_hand
    from restock.episode as e
    left join restock.gate as g on e.gate_id = g.gate_id
    left join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
    where e.closed_at is null and coalesce(a.quantity, 1) > 0
),

back as materialized (
    select s.*
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
        w.notify_per_unit
    from (
        select
            array_agg(store_id) as store_ids,
            array_agg(product_id) as product_ids
        from back
        where notify_per_unit = 'auto'
    ) as a
    cross join restock.wave_size_by_evidence(a.store_ids, a.product_ids, %(clock)s) as w
)

select
    episode_id,
    store_id,
    product_id,
    opened_at,
    quantity,
    notify_per_unit::float8 as notify_per_unit,
    last_position,
    held,
    on_hand
from standing
union all
select
    b.future_id,
    b.store_id,
    b.product_id,
    %(clock)s::timestamptz,
    b.quantity,
    case b.notify_per_unit when 'auto' then v.notify_per_unit else b.notify_per_unit::numeric end::float8,
    0,
    (f.known_count >= 1000 and f.back_count > f.known_count * %(max_restock_share)s::numeric)
    or b.snapshot_at < %(clock)s - make_interval(hours => b.max_snapshot_age_hours),
    b.quantity
from back as b
cross join figures as f
left join evidence as v on b.store_id = v.store_id and b.product_id = v.product_id
