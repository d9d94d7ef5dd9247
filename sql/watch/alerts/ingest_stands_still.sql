-- Purpose: no run of restock_ingest has looked for what is new for too long.
-- Binds:   clock, watching_since, patience.
-- Grain:   one row where it is so: subject, since, detail.
select
    'restock_ingest' as subject,
    greatest(h.beat_at, %(watching_since)s) as since,
    case
        when h.beat_at is null then 'no run has looked for new files, rows or requests yet'
        else concat(
            'the last run that looked for new files, rows and requests did so at ',
            to_char(h.beat_at, 'YYYY-MM-DD HH24:MI'), ' UTC'
        )
    end as detail
from (values ('restock_ingest')) as d (name)
left join restock.heartbeat as h on d.name = h.name
where greatest(h.beat_at, %(watching_since)s) < %(clock)s - %(patience)s
