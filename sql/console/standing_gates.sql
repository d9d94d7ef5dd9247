-- Purpose: the gates that do not let pass now, the oldest first, and what they hold: products, and about how many
--          requests for them (counted for some of the products where they are many).
-- Binds:   most (products that are looked at), min_quantity.
-- Grain:   one row a gate.
with standing as (
    select
        gate,
        scope,
        min(severity) as severity,
        min(clears) as clears,
        min(since) as since,
        array_agg(gate_id) as gate_ids,
        array_agg(feed order by feed) as feeds,
        string_agg(debug_value, '; ' order by feed) as debug_value
    from restock.gate
    where released_at is null
    group by gate, scope
),

held as (
    select
        s.gate,
        s.scope,
        e.store_id,
        e.product_id
    from standing as s
    inner join restock.episode as e on e.gate_id = any(s.gate_ids)
    where s.scope = 'episodes' and e.held_since is not null and e.closed_at is null
    union all
    -- A gate of the feed holds nothing that is written down: it lets none open.
    select
        s.gate,
        s.scope,
        a.store_id,
        a.product_id
    from standing as s
    cross join restock.availability as a
    where
        s.scope = 'feed'
        and s.severity = 'fail'
        and 'inventory' = any(s.feeds)
        and a.quantity >= %(min_quantity)s
        and not exists (
            select 1
            from restock.episode as e
            where e.store_id = a.store_id and e.product_id = a.product_id and e.closed_at is null
        )
),

numbered as (
    select
        gate,
        scope,
        store_id,
        product_id,
        count(*) over (partition by gate, scope) as product_count,
        row_number() over (partition by gate, scope order by hashtext(product_id), product_id, store_id) as number
    from held
),

looked_at as (
    select
        n.gate,
        n.scope,
        n.product_count,
        (
            select count(*)
            from restock.open_request as o
            where o.store_id = n.store_id and o.product_id = n.product_id
        ) as request_count
    from numbered as n
    where n.number <= %(most)s
),

wanted as (
    select
        gate,
        scope,
        product_count,
        (sum(request_count) * product_count / count(*))::bigint as request_count
    from looked_at
    group by gate, scope, product_count
)

select
    s.gate,
    s.scope,
    s.severity,
    s.clears,
    s.since,
    s.feeds,
    s.debug_value,
    coalesce(w.product_count, 0) as product_count,
    coalesce(w.request_count, 0) as request_count
from standing as s
left join wanted as w on s.gate = w.gate and s.scope = w.scope
order by s.since, s.gate
