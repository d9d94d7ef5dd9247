-- Purpose: no run of restock_notify has come to its end for too long, and none is sending.
-- Binds:   clock, watching_since, patience.
-- Grain:   one row where it is so: subject, since, detail.
select
    'restock_notify' as subject,
    greatest(h.beat_at, %(watching_since)s) as since,
    case
        when h.beat_at is null then 'no run has come to its end yet'
        else concat('the last run that came to its end did so at ', to_char(h.beat_at, 'YYYY-MM-DD HH24:MI'), ' UTC')
    end as detail
from (values ('restock_notify')) as d (name)
left join restock.heartbeat as h on d.name = h.name
where
    greatest(h.beat_at, %(watching_since)s) < %(clock)s - %(patience)s
    -- A large restock may take a run longer: its senders write down what leaves, part by part.
    and not exists (
        select 1
        from restock.departure as s
        where s.begun_at > %(clock)s - interval '3 minutes'
    )
