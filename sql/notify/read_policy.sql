-- Purpose: the settings of one version of the policy.
-- Binds:   policy_id.
select settings
from restock.policy
where policy_id = %(policy_id)s
