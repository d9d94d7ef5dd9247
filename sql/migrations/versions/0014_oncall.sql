-- Purpose: what watching over the pipeline needs: signs of life, what failed, alerts, totals behind the metrics.
-- Run by:  Alembic (0014_oncall.py), inside one transaction.

create table restock.heartbeat (
    name text primary key,
    beat_at timestamptz not null
);
comment on table restock.heartbeat is 'When one DAG last came to its end without a fault.';
comment on column restock.heartbeat.name is 'DAG.';
comment on column restock.heartbeat.beat_at is 'When.';

create table restock.task_failure (
    dag_id text not null,
    task_id text not null,
    run_id text not null,
    reason text not null,
    failed_at timestamptz not null,
    primary key (dag_id, task_id)
);
comment on table restock.task_failure is 'The latest failure of one task, after its last try.';
comment on column restock.task_failure.dag_id is 'DAG.';
comment on column restock.task_failure.task_id is 'Task; (run) where the whole run took too long.';
comment on column restock.task_failure.run_id is 'Run in which it failed.';
comment on column restock.task_failure.reason is 'Why, in words, without addresses.';
comment on column restock.task_failure.failed_at is 'When.';

create table restock.check_result (
    name text primary key,
    severity text not null check (severity in ('fail', 'warn')),
    is_valid boolean not null,
    sentence text not null,
    since timestamptz not null,
    checked_at timestamptz not null
);
comment on table restock.check_result is 'How one check of sql/checks ended last.';
comment on column restock.check_result.name is 'Name of its file.';
comment on column restock.check_result.severity is 'fail or warn.';
comment on column restock.check_result.is_valid is 'Whether it holds.';
comment on column restock.check_result.sentence is 'The result in words, without addresses.';
comment on column restock.check_result.since is 'Since when it has held, or not held.';
comment on column restock.check_result.checked_at is 'When it ran last.';

create table restock.alert (
    alert_id bigint generated always as identity primary key,
    name text not null,
    subject text not null,
    detail text not null,
    since timestamptz not null,
    raised_at timestamptz not null,
    seen_at timestamptz not null,
    sent_at timestamptz,
    sent_count integer not null default 0,
    send_after timestamptz not null,
    problem text,
    ended_at timestamptz,
    end_told_at timestamptz,
    constraint alert_times_agree check (seen_at >= raised_at and ended_at >= raised_at),
    constraint alert_end_told_after_end check (end_told_at is null or ended_at is not null)
);
create unique index alert_standing_key on restock.alert (name, subject) where ended_at is null;
create index alert_ended on restock.alert (ended_at) where ended_at is not null;
comment on table restock.alert is
'One stretch in which the condition of an alert held. It is sent once, again as a reminder, and once more at its end.';
comment on column restock.alert.alert_id is 'Surrogate key.';
comment on column restock.alert.name is 'Alert; its runbook is docs/runbooks/<name>.md.';
comment on column restock.alert.subject is 'What it is about: a channel, a feed, a task …';
comment on column restock.alert.detail is 'What was found last, in words, without addresses.';
comment on column restock.alert.since is 'Since when that has been so.';
comment on column restock.alert.raised_at is 'When it was seen first.';
comment on column restock.alert.seen_at is 'When it was seen last.';
comment on column restock.alert.sent_at is 'When it was sent last; null where it never was.';
comment on column restock.alert.sent_count is 'How often it was sent, reminders included.';
comment on column restock.alert.send_after is 'When it may be sent next: a reminder, or another try.';
comment on column restock.alert.problem is 'Why it could not be sent last; null where it could.';
comment on column restock.alert.ended_at is 'When it was seen no more; null while it stands.';
comment on column restock.alert.end_told_at is 'When its end was told; null where nobody was told of it.';

-- One row. Who begins to look after a pause knows nothing of it: times count from watching_since at the earliest.
create table restock.watch (
    is_only boolean primary key default true check (is_only),
    looked_at timestamptz not null,
    looked_by text not null,
    watching_since timestamptz not null
);
comment on table restock.watch is 'The latest look at the conditions of the alerts; one row.';
comment on column restock.watch.is_only is 'Always true.';
comment on column restock.watch.looked_at is 'When somebody looked last.';
comment on column restock.watch.looked_by is 'Who: the watch service, or a task of Airflow.';
comment on column restock.watch.watching_since is
'Since when somebody has looked without a pause of more than ten minutes.';

create table restock.figure (
    name text not null,
    tags jsonb not null default '{}',
    total bigint not null,
    primary key (name, tags)
) with (fillfactor = 70);
comment on table restock.figure is 'One total behind the metrics: how often something has happened so far.';
comment on column restock.figure.name is 'Name of the metric.';
comment on column restock.figure.tags is 'What it is told apart by: channel, feed, outcome.';
comment on column restock.figure.total is 'So many; it only grows.';

create table restock.figure_mark (
    is_only boolean primary key default true check (is_only),
    counted_until timestamptz not null
);
comment on table restock.figure_mark is 'How far attempts and files are counted in restock.figure; one row.';
comment on column restock.figure_mark.is_only is 'Always true.';
comment on column restock.figure_mark.counted_until is 'What ended later is not counted yet.';
insert into restock.figure_mark (counted_until)
values (now());

-- Looked for twice a minute, among files and attempts of more than a year.
create index feed_file_failed on restock.feed_file (recorded_at) where status = 'failed';
create index delivery_attempt_refused_at on restock.delivery_attempt (finished_at) where outcome <> 'accepted';

-- Each failed try to reach a provider moves tripped_at.
alter table restock.breaker
add column opened_at timestamptz not null default now();
comment on column restock.breaker.opened_at is 'Since when the provider has counted as down.';

-- Tables that are partitioned keep what fits no partition in a default one.
create function restock.default_partitions() returns table (
    table_name text,
    row_count bigint
)
language plpgsql stable
set search_path = restock, pg_temp
as $$
declare
    partition record;
begin
    for partition in
        select
            c.oid::regclass as name,
            parent.relname
        from pg_catalog.pg_partitioned_table as p
        inner join pg_catalog.pg_class as parent on p.partrelid = parent.oid
        inner join pg_catalog.pg_class as c on p.partdefid = c.oid
        where parent.relnamespace = 'restock'::regnamespace
    loop
        table_name := partition.relname;
        -- More than that need not be counted.
        execute format('select count(*) from (select 1 from %s limit 100000) as few', partition.name) into row_count;
        if row_count > 0 then
            return next;
        end if;
    end loop;
end
$$;
comment on function restock.default_partitions() is
'Tables of which rows lie in the default partition, and how many (100,000 at most are counted).';

-- For the intake service, whose role reads none of these tables. It says nothing of what happens in the shop.
create function restock.is_pipeline_well(page_alerts text[], patience interval) returns boolean
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select
        coalesce((select w.looked_at > now() - patience from restock.watch as w), false)
        and not exists (
            select 1
            from restock.alert as a
            where a.ended_at is null and a.name = any(page_alerts)
        )
$$;
comment on function restock.is_pipeline_well(text[], interval) is
'Whether somebody has looked at the alerts lately and none of these stands.';
revoke execute on function restock.is_pipeline_well from public;
grant execute on function restock.is_pipeline_well to restock_intake;
