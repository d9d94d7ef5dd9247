-- Purpose: what the metrics say of this moment.
-- Binds:   clock.
-- Grain:   one row a metric and what it is told apart by: name, tags, value.
with waiting as (
    select
        channel,
        count(*) filter (where due_at <= %(clock)s) as due_count,
        count(*) as unsent_count,
        min(due_at) as oldest_at
    from restock.outbox
    group by channel
),

backlog as (
    select
        c.name as channel,
        coalesce(w.due_count, 0) as due_count,
        coalesce(w.unsent_count, 0) as unsent_count,
        case when w.oldest_at <= %(clock)s then w.oldest_at end as oldest_due_at,
        (b.channel is not null)::integer as open_breakers
    from restock.channel as c
    left join waiting as w on c.name = w.channel
    left join restock.breaker as b on c.name = b.channel
),

inbox as (
    select
        count(*) as pending_count,
        min(i.received_at) as oldest_at
    from restock.inbox_pending as w
    inner join restock.inbox as i on w.inbox_id = i.inbox_id
)

select
    g.name,
    jsonb_build_object('channel', b.channel) as tags,
    g.value
from backlog as b
cross join
    lateral (
        values
        ('restock.due', b.due_count::double precision),
        ('restock.unsent', b.unsent_count::double precision),
        ('restock.oldest_due_seconds', coalesce(extract(epoch from %(clock)s - b.oldest_due_at)::double precision, 0)),
        ('restock.provider_down', b.open_breakers::double precision)
    ) as g (name, value)
union all
select
    g.name,
    '{}'::jsonb as tags,
    g.value
from inbox as i
cross join
    lateral (
        values
        ('restock.inbox_pending', i.pending_count::double precision),
        ('restock.inbox_oldest_seconds', coalesce(extract(epoch from %(clock)s - i.oldest_at)::double precision, 0))
    ) as g (name, value)
union all
select
    'restock.gates' as name,
    jsonb_build_object('severity', s.severity) as tags,
    count(g.gate_id)::double precision as value
from (values ('fail'), ('warn')) as s (severity)
left join restock.gate as g on s.severity = g.severity and g.released_at is null
group by s.severity
union all
select
    'restock.alerts' as name,
    '{}'::jsonb as tags,
    count(*)::double precision as value
from restock.alert
where ended_at is null
union all
select
    'restock.seconds_since_run' as name,
    jsonb_build_object('dag_id', h.name) as tags,
    extract(epoch from %(clock)s - h.beat_at)::double precision as value
from restock.heartbeat as h
