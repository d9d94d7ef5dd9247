-- Purpose: what all products of a filter add up to.
-- Binds:   store, category, wanted (as in demand.sql).
-- Grain:   one row a currency (null: products without one), that with the most waiting units first; product_count and
--          the other counts are those of the currency.
select
    currency,
    count(*) as product_count,
    sum(waiting_requests)::bigint as waiting_requests,
    sum(waiting_units)::bigint as waiting_units,
    sum(expired_units)::bigint as expired_units,
    sum(revenue_at_stake) as revenue_at_stake,
    sum(revenue_low) as revenue_low,
    sum(revenue_high) as revenue_high
from mart.product_demand
where
    (%(store)s::text is null or store_id = %(store)s)
    and (%(category)s::text is null or category = %(category)s)
    and (
        %(wanted)s::text is null
        or strpos(lower(concat_ws(chr(1), product_name, product_id, brand)), lower(%(wanted)s)) > 0
    )
group by currency
order by sum(waiting_units) desc, currency asc
