-- Purpose: as of when the summaries are, and the quiet hours that were in force last in the period.
-- Binds:   end_at.
-- Grain:   one row.
with in_force as (
    select quiet_hours
    from mart.policy_effect
    where valid_from < %(end_at)s
    order by policy_id desc
    limit 1
)

select
    (
        select refreshed_at
        from mart.refreshed
    ) as refreshed_at,
    (
        select quiet_hours
        from in_force
    ) as quiet_hours
