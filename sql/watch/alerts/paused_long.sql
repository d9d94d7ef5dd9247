-- Purpose: the setting paused has been on for long: somebody may have forgotten it.
-- Binds:   clock, patience.
-- Grain:   one row where it is so: subject, since, detail.
with latest as (
    select (p.settings ->> 'paused')::boolean as is_paused
    from restock.policy as p
    order by p.policy_id desc
    limit 1
),

begun as (
    select min(p.valid_from) as since
    from restock.policy as p
    where
        p.policy_id > coalesce(
            (
                select max(q.policy_id)
                from restock.policy as q
                where not (q.settings ->> 'paused')::boolean
            ),
            0
        )
)

select
    'restock_paused' as subject,
    b.since,
    concat(
        'the setting restock_paused is true since ', to_char(b.since, 'YYYY-MM-DD HH24:MI'), ' UTC; ',
        (
            select count(*)
            from restock.outbox as w
            where w.due_at < %(clock)s
        ),
        ' messages that are due wait'
    ) as detail
from latest as l
cross join begun as b
where l.is_paused and b.since < %(clock)s - %(patience)s
