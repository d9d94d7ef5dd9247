-- Purpose: let an alert stand again that ended lately and whose end nobody was told of. A condition that comes and goes
--          is one alert, of which nobody is told anew before its reminder.
-- Binds:   clock, names, subjects, remind_after (one element a condition that holds).
update restock.alert as a
set ended_at = null, send_after = a.sent_at + f.remind_after
from unnest(%(names)s::text[], %(subjects)s::text[], %(remind_after)s::interval[]) as f (name, subject, remind_after)
where
    a.ended_at > %(clock)s - interval '1 hour'
    and a.name = f.name
    and a.subject = f.subject
    and a.sent_at is not null
    and a.end_told_at is null
    and not exists (
        select 1
        from restock.alert as b
        where b.name = a.name and b.subject = a.subject and b.alert_id > a.alert_id
    )
