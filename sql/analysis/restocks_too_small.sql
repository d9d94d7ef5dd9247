-- Purpose: which restocks brought too little for those who waited?
-- Grain:   one row a restock that sold out again before everybody was told, the largest shortage first; at most 50.
-- Read it: quantity units came back for shoppers who wanted asked_units, and were gone after hours_open hours. Of
--          asked_count requests sent_count were answered, the others wait again. Order at least asked_units next time;
--          where that is not to be had, let notify_per_unit tell fewer shoppers at once.
select
    store_id,
    product_id,
    product_name,
    opened_at,
    quantity,
    asked_units,
    asked_units - quantity as missing_units,
    asked_count,
    sent_count,
    round((extract(epoch from closed_at - opened_at) / 3600)::numeric, 1) as hours_open
from mart.episode_outcome
where closed_at is not null and asked_units > quantity and sent_count < asked_count
order by missing_units desc, opened_at asc, episode_id asc
limit 50
