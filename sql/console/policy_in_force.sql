-- Purpose: the policy in force, and since when.
-- Grain:   at most one row.
select
    policy_id,
    valid_from,
    settings
from restock.policy
order by policy_id desc
limit 1
