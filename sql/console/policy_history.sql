-- Purpose: the versions of the policy, and for each changed setting who changed it through the console.
-- Binds:   before (versions below this number; null: from the newest), most (how many versions at most).
-- Grain:   one row a version and changed setting, the newest version first; name is null for the first version of all.
with page as (
    select *
    from restock.policy
    where %(before)s::bigint is null or policy_id < %(before)s
    order by policy_id desc
    limit %(most)s
)

select
    p.policy_id,
    p.valid_from,
    c.name,
    p.previous -> c.name as old,
    p.settings -> c.name as new,
    e.valid_from as since,
    a.user_name,
    a.detail
from page as p
-- The first version has no value of before for any setting.
left join lateral unnest(p.changed) with ordinality as c (name, number) on p.previous ? c.name -- noqa: RF02
-- Since when the old value was in force: who made the new one did so after that.
left join lateral (
    select max(older.valid_from) as valid_from
    from restock.policy as older
    where older.policy_id < p.policy_id and c.name = any(older.changed)
) as e on true
left join lateral (
    select
        x.user_name,
        x.detail
    from restock.console_action as x
    where
        x.action = 'change_settings'
        and x.subject = c.name
        and x.done_at > coalesce(e.valid_from, '-infinity')
        and x.done_at <= p.valid_from
    order by x.console_action_id desc
    limit 1
) as a on true
order by p.policy_id desc, c.number asc
