-- Purpose: put a new version of the policy in force.
-- Binds:   settings (jsonb), changed (names of the settings that differ from the version before).
insert into restock.policy (settings, changed)
values (%(settings)s, %(changed)s)
returning policy_id
