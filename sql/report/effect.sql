-- Purpose: what being told added, under the versions of the settings that were in force in the period and held out
--          shoppers.
-- Binds:   first_at, end_at, most (rows).
-- Grain:   one row a policy, the newest first.
select
    policy_id,
    valid_from,
    valid_until,
    holdout_percent,
    pending_count,
    told_count,
    told_bought_count,
    held_out_count,
    held_out_bought_count,
    lift,
    lift_low,
    lift_high
from mart.policy_effect
where
    valid_from < %(end_at)s
    and (valid_until is null or valid_until > %(first_at)s)
    and (held_out_count > 0 or (holdout_percent > 0 and pending_count > 0))
order by policy_id desc
limit %(most)s
