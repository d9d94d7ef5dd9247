-- Purpose: how many shoppers bought because they were told?
-- Grain:   one row a version of the settings under which somebody was held out, the newest first.
-- Read it: told_percent of those who were to be told bought within seven days, and held_out_percent of those who were
--          left out by lot bought all the same. The difference is what the messages did: extra_buyers shoppers, and in
--          95 of 100 cases between extra_buyers_low and extra_buyers_high. Where that range holds 0, nothing is proven
--          yet: hold out more, or wait. Empty figures: fewer than 30 shoppers on either side. pending_count shoppers
--          come on top once their seven days are over.
select
    policy_id,
    valid_from,
    told_count,
    held_out_count,
    pending_count,
    round(100 * told_rate, 2) as told_percent,
    round(100 * held_out_rate, 2) as held_out_percent,
    round(told_count * lift) as extra_buyers,
    round(told_count * lift_low) as extra_buyers_low,
    round(told_count * lift_high) as extra_buyers_high
from mart.policy_effect
where held_out_count > 0 or (pending_count > 0 and holdout_percent > 0)
order by policy_id desc
