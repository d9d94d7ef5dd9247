-- Purpose: what all products that shoppers wait for add up to.
-- Binds:   none.
-- Grain:   one row a currency (null: products without one), that with the most waiting units first.
select
    currency,
    count(*) as product_count,
    sum(waiting_units)::bigint as waiting_units,
    sum(revenue_low) as revenue_low,
    sum(revenue_at_stake) as revenue_at_stake,
    sum(revenue_high) as revenue_high
from mart.product_demand
where waiting_units > 0
group by currency
order by sum(waiting_units) desc, currency asc
