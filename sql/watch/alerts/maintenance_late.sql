-- Purpose: the daily upkeep has not come to its end for too long.
-- Binds:   clock, watching_since, patience.
-- Grain:   one row where it is so: subject, since, detail.
select
    'restock_maintenance' as subject,
    greatest(h.beat_at, %(watching_since)s) as since,
    case
        when h.beat_at is null then 'no run has come to its end yet'
        else concat('the last run that came to its end did so at ', to_char(h.beat_at, 'YYYY-MM-DD HH24:MI'), ' UTC')
    end as detail
from (values ('restock_maintenance')) as d (name)
left join restock.heartbeat as h on d.name = h.name
where greatest(h.beat_at, %(watching_since)s) < %(clock)s - %(patience)s
