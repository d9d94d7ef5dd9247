-- Purpose: why were shoppers not told although the product they wait for came back?
-- Grain:   one row an outcome and rule, the most frequent first.
-- Read it: request_count requests were passed over in a restock by this rule, and still_open_count of them wait for
--          the next one. sold_out: there were too few units for so many shoppers, buy more. daily_cap, holdout and
--          cooldown: a setting did it. no_address: the customers feed lacks the address. cancelled, purchased,
--          suppressed and expired: the shopper no longer wants it, or must not be written to.
select
    outcome,
    rule,
    count(*) as request_count,
    count(*) filter (where request_status = 'open') as still_open_count,
    count(distinct product_id) as product_count,
    round(100.0 * count(*) / sum(count(*)) over (), 1) as percent_of_untold
from mart.decision_fact
where outcome in ('capped', 'skipped', 'held')
group by outcome, rule
order by request_count desc, outcome asc, rule asc
