-- Purpose: the episodes that a run at this moment would leave open under some settings: those that are open and not
--          sold out, and those that rules 1 and 2 would open. Writes nothing; says what open_episodes.sql would do.
-- Binds:   clock, settings (jsonb, every setting).
-- Grain:   one row a product and store. episode_id is below 0 where the episode has yet to open.
with numbered as (
    select
        store_id,
        product_id,
        -- the same for the same product whatever the settings, so that the draw of the holdout is the same
        -row_number() over (order by store_id, product_id) as future_id
    from restock.availability
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
    n.future_id,
    b.store_id,
    b.product_id,
    %(clock)s::timestamptz,
    b.quantity,
    b.notify_per_unit::float8,
    0,
    b.gate is not null,
    b.quantity
from restock.products_back(%(settings)s, %(clock)s) as b
inner join numbered as n on b.store_id = n.store_id and b.product_id = n.product_id
