-- Purpose: write down which conditions hold now. What stood before and is not among them has ended, unless its
--          condition could not be read; what ended long ago is forgotten.
-- Binds:   clock, settle_after (how long an end is kept to itself), looked_at (names of the alerts that were read),
--          names, subjects, details, since, send_after (one element a condition that holds).
with forgotten as (
    delete from restock.alert
    where ended_at < %(clock)s - interval '90 days'
),

found as (
    select *
    from
        unnest(
            %(names)s::text[],
            %(subjects)s::text[],
            %(details)s::text[],
            %(since)s::timestamptz[],
            %(send_after)s::timestamptz[]
        ) as f (name, subject, detail, since, send_after)
),

ended as (
    update restock.alert as a
    set ended_at = greatest(a.raised_at, %(clock)s), send_after = %(clock)s + %(settle_after)s
    where
        a.ended_at is null
        and a.name = any(%(looked_at)s::text[])
        and not exists (
            select 1
            from found as f
            where f.name = a.name and f.subject = a.subject
        )
)

insert into restock.alert (name, subject, detail, since, raised_at, seen_at, send_after)
select
    f.name,
    f.subject,
    f.detail,
    f.since,
    %(clock)s,
    %(clock)s,
    f.send_after
from found as f
on conflict (name, subject) where ended_at is null do update
    set detail = excluded.detail, seen_at = greatest(alert.seen_at, excluded.seen_at)
