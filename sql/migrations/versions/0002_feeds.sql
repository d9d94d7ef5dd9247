-- Purpose: replay of rejected rows, gates, source databases.
-- Run by:  Alembic (0002_feeds.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- Where the rows of a feed come from, and replay of those that were rejected
-- ---------------------------------------------------------------------------------------------

alter table restock.feed_file
add column origin text not null default 'file' check (origin in ('file', 'source', 'replay')),
add column header_text text;
-- Serves the gates that compare a file with those before it.
create index feed_file_arrival on restock.feed_file (feed, recorded_at)
where origin <> 'replay' and status <> 'failed';
comment on table restock.feed_file is
'One version of one file seen in the landing area, one extraction from a source database or one replay of rejected'
' rows, with the count of what became of each row.';
comment on column restock.feed_file.path is
'Path below the landing area; source/<connection>/<table>/<from>...<to> or replay/<run>/<path>#<first row> otherwise.';
comment on column restock.feed_file.origin is
'file: landed; source: read from a source database; replay: rejected rows, loaded again.';
comment on column restock.feed_file.header_text is
'Header line of a CSV file, so that one of its rows can be read again by itself; null where a row names its columns.';

alter table restock.rejected_row
add column corrected_text text,
add column corrected_at timestamptz,
add column corrected_by text,
add column replayed_at timestamptz,
add column replay_file_id bigint references restock.feed_file,
add column rejected_before_id bigint references restock.rejected_row,
add constraint rejected_row_correction_signed check (
    (corrected_text is null) = (corrected_at is null) and (corrected_text is null) = (corrected_by is null)
),
add constraint rejected_row_replay_named check ((replayed_at is null) = (replay_file_id is null));
create index rejected_row_waiting on restock.rejected_row (feed_file_id, rejected_row_id) where replayed_at is null;
create unique index rejected_row_before_key on restock.rejected_row (rejected_before_id)
where rejected_before_id is not null;
comment on column restock.rejected_row.corrected_text is
'The row as somebody put it right, in the format of its file; a replay reads it in place of raw_text.';
comment on column restock.rejected_row.corrected_at is 'When it was put right.';
comment on column restock.rejected_row.corrected_by is 'Database user who put it right.';
comment on column restock.rejected_row.replayed_at is 'When it was loaded again; null while it waits for that.';
comment on column restock.rejected_row.replay_file_id is 'The replay: its entry in feed_file.';
comment on column restock.rejected_row.rejected_before_id is
'The rejected row that this one is a replay of; null for a row of a file or a source.';

create function restock.correct_rejected_row(rejected_row_id bigint, corrected_text text) returns void
language plpgsql
as $$
begin
    update restock.rejected_row as r
    set
        corrected_text = correct_rejected_row.corrected_text,
        corrected_at = now(),
        corrected_by = session_user
    where r.rejected_row_id = correct_rejected_row.rejected_row_id and r.replayed_at is null;
    if not found then
        raise exception using
            message = concat(
                'No rejected row ', correct_rejected_row.rejected_row_id, ' waits to be replayed: '
                'restock.rejected_row_history shows which do.'
            );
    end if;
end
$$;
comment on function restock.correct_rejected_row is
'Puts a rejected row right: a whole row in the format and the column order of its file. It loads with the next replay.';

create view restock.rejected_row_history as
select
    r.rejected_row_id,
    r.rejected_before_id,
    f.feed,
    f.path,
    r.line_number,
    r.reason_code,
    r.detail,
    r.raw_text,
    r.corrected_text,
    r.corrected_by,
    p.path as replay_path,
    n.rejected_row_id as rejected_again_id,
    r.rejected_at,
    r.corrected_at,
    r.replayed_at,
    case
        when n.rejected_row_id is not null then 'rejected_again'
        when r.replayed_at is not null then 'accepted'
        when r.corrected_at is not null then 'corrected'
        else 'rejected'
    end as state
from restock.rejected_row as r
inner join restock.feed_file as f on r.feed_file_id = f.feed_file_id
left join restock.feed_file as p on r.replay_file_id = p.feed_file_id
left join restock.rejected_row as n on r.rejected_row_id = n.rejected_before_id;
comment on view restock.rejected_row_history is
'The way of each rejected row: rejected, corrected, replayed. A row that was rejected again goes on as another one.';
comment on column restock.rejected_row_history.rejected_row_id is 'The rejected row.';
comment on column restock.rejected_row_history.rejected_before_id is 'The rejected row that it is a replay of.';
comment on column restock.rejected_row_history.feed is 'Feed.';
comment on column restock.rejected_row_history.path is 'Where it came from, as in feed_file.';
comment on column restock.rejected_row_history.line_number is 'Line there.';
comment on column restock.rejected_row_history.reason_code is 'Which rule it broke.';
comment on column restock.rejected_row_history.detail is 'Which column and what to do, in words.';
comment on column restock.rejected_row_history.raw_text is 'The row as it came.';
comment on column restock.rejected_row_history.corrected_text is 'The row as it was put right.';
comment on column restock.rejected_row_history.corrected_by is 'Who put it right.';
comment on column restock.rejected_row_history.replay_path is 'The replay, as in feed_file.';
comment on column restock.rejected_row_history.rejected_again_id is 'As which row the replay rejected it again.';
comment on column restock.rejected_row_history.rejected_at is 'When it was rejected.';
comment on column restock.rejected_row_history.corrected_at is 'When it was put right.';
comment on column restock.rejected_row_history.replayed_at is 'When it was loaded again.';
comment on column restock.rejected_row_history.state is
'rejected (waits), corrected (waits for the next replay), accepted (the replay loaded it, or knew it), rejected_again.';

-- ---------------------------------------------------------------------------------------------
-- Gates
-- ---------------------------------------------------------------------------------------------

create table restock.gate (
    gate_id bigint generated always as identity primary key,
    gate text not null,
    feed text not null,
    scope text not null check (scope in ('feed', 'episodes')),
    severity text not null check (severity in ('fail', 'warn')),
    clears text not null check (clears in ('by itself', 'by hand')),
    debug_value text not null,
    since timestamptz not null,
    checked_at timestamptz not null,
    released_at timestamptz,
    released_by text,
    constraint gate_times_agree check (checked_at >= since and released_at >= since),
    constraint gate_release_signed check ((released_at is null) = (released_by is null))
);
create unique index gate_standing_key on restock.gate (gate, feed) where released_at is null;
create index gate_released on restock.gate (gate, feed, released_at);
comment on table restock.gate is
'One stretch in which a gate did not let pass: from the check that failed to the release. At most one stands per gate'
' and feed. Somebody''s release covers what the check said then: the gate stands again once it says something else.';
comment on column restock.gate.gate_id is 'Surrogate key.';
comment on column restock.gate.gate is
'Name of the gate: that of its file in sql/checks/feeds, or one that the opening of episodes judges.';
comment on column restock.gate.feed is 'The feed that is judged; the stock gates of the episodes name inventory.';
comment on column restock.gate.scope is
'feed: judged as the feed is loaded; while one of severity fail stands, no episode opens. episodes: judged as episodes'
' open; it holds those that it was about (episode.held_since), and others open as always.';
comment on column restock.gate.severity is 'fail: it holds what depends on it; warn: it only says so.';
comment on column restock.gate.clears is
'by itself: also released when the check passes again; by hand: only by somebody.';
comment on column restock.gate.debug_value is 'What the check found last, in words.';
comment on column restock.gate.since is 'When the check failed first.';
comment on column restock.gate.checked_at is 'When the check failed last.';
comment on column restock.gate.released_at is 'When it was released; null while it stands.';
comment on column restock.gate.released_by is
'"check" where the check passed again, else who released it: Airflow user or database user.';

create view restock.holding_gate as
select
    gate_id,
    gate,
    feed,
    debug_value,
    since
from restock.gate
where released_at is null and severity = 'fail' and scope = 'feed';
comment on view restock.holding_gate is
'The feed gates that hold now. While the feed inventory has a row here, no episode opens; what is open goes on.';
comment on column restock.holding_gate.gate_id is 'The stretch.';
comment on column restock.holding_gate.gate is 'Name of the gate.';
comment on column restock.holding_gate.feed is 'Feed that it judges.';
comment on column restock.holding_gate.debug_value is 'What the check found, in words.';
comment on column restock.holding_gate.since is 'Since when.';

create function restock.release_gate(gate text, released_by text default session_user) returns integer
language sql
as $$
    with released as (
        update restock.gate as g
        set released_at = greatest(now(), g.checked_at), released_by = release_gate.released_by
        where g.gate = release_gate.gate and g.scope = 'feed' and g.released_at is null
        returning 1
    )

    select count(*)::integer
    from released
$$;
comment on function restock.release_gate is
'Releases a feed gate by hand, for every feed for which it stands, and returns how many did.';

-- ---------------------------------------------------------------------------------------------
-- Source databases
-- ---------------------------------------------------------------------------------------------

create table restock.source_watermark (
    source text not null,
    feed text not null,
    watermark text,
    advanced_at timestamptz not null,
    primary key (source, feed)
);
comment on table restock.source_watermark is 'How far one table of a source database has been read for one feed.';
comment on column restock.source_watermark.source is 'Connection and table: <connection>/<table>.';
comment on column restock.source_watermark.feed is 'Feed that it is read for.';
comment on column restock.source_watermark.watermark is
'Highest value of the watermark column that was read, as PostgreSQL writes it; null before the first load.';
comment on column restock.source_watermark.advanced_at is 'When something new was read last.';

-- ---------------------------------------------------------------------------------------------
-- Speed of ingestion
-- ---------------------------------------------------------------------------------------------

-- A foreign key is looked up row by row, which cost a third of a large load. These four hold by how the rows are made:
-- the file is recorded, and the request written, earlier in the transaction that writes the row that names it, and
-- nothing deletes either before that row. The check what_names_a_file_or_request_finds_it looks every day.
alter table restock.request drop constraint request_feed_file_id_fkey;
alter table restock.open_request drop constraint open_request_request_key_fkey;
alter table restock.inventory drop constraint inventory_feed_file_id_fkey;
alter table restock.cancellation drop constraint cancellation_feed_file_id_fkey;
