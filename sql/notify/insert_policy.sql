-- Purpose: put a new version of the policy in force.
-- Binds:   settings (jsonb), changed (names of the settings that differ from the version before), previous (jsonb,
--          what these were).
insert into restock.policy (settings, changed, previous)
values (%(settings)s, %(changed)s, %(previous)s)
returning policy_id
