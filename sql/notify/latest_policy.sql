-- Purpose: the policy in force.
-- Grain:   at most one row.
select
    policy_id,
    settings
from restock.policy
order by policy_id desc
limit 1
