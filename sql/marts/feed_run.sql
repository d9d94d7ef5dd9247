-- Purpose: mart.feed_run, what each run of restock_ingest made of each feed: the ledger, run by run.
-- Grain:   one row a run, feed and origin.
create or replace view mart.feed_run as
with waiting as (
    select
        feed_file_id,
        count(*) as row_count
    from restock.rejected_row
    where replayed_at is null
    group by feed_file_id
)

select
    f.run_id,
    f.feed,
    f.origin,
    min(f.recorded_at) as first_recorded_at,
    max(f.recorded_at) as last_recorded_at,
    count(*) as file_count,
    count(*) filter (where f.status = 'failed') as failed_file_count,
    count(*) filter (where f.status = 'duplicate') as duplicate_file_count,
    sum(f.byte_size) as byte_count,
    sum(f.read_count) as read_count,
    sum(f.loaded_count) as loaded_count,
    sum(f.rejected_count) as rejected_count,
    sum(f.duplicate_count) as duplicate_count,
    sum(f.stale_count) as stale_count,
    sum(f.unchanged_count) as unchanged_count,
    coalesce(sum(w.row_count), 0) as waiting_reject_count
from restock.feed_file as f
left join waiting as w on f.feed_file_id = w.feed_file_id
group by f.run_id, f.feed, f.origin;
comment on view mart.feed_run is
'What each run made of each feed: read is the sum of loaded, rejected, duplicate, stale and unchanged. Grain: one run,'
' feed and origin.';
comment on column mart.feed_run.run_id is 'DAG run of restock_ingest.';
comment on column mart.feed_run.feed is 'Feed.';
comment on column mart.feed_run.origin is 'file, source (a source database) or replay (rejected rows, loaded again).';
comment on column mart.feed_run.first_recorded_at is 'When the first of its files was begun.';
comment on column mart.feed_run.last_recorded_at is 'When the last of its files was begun.';
comment on column mart.feed_run.file_count is 'Files, extractions or replays.';
comment on column mart.feed_run.failed_file_count is 'Those that could not be read at all.';
comment on column mart.feed_run.duplicate_file_count is 'Those whose content was loaded before.';
comment on column mart.feed_run.byte_count is 'Their size in bytes.';
comment on column mart.feed_run.read_count is 'Rows read.';
comment on column mart.feed_run.loaded_count is 'Rows that changed the warehouse.';
comment on column mart.feed_run.rejected_count is 'Rows kept with a reason.';
comment on column mart.feed_run.duplicate_count is 'Rows known before, and requests that joined an open one.';
comment on column mart.feed_run.stale_count is 'Rows older than what is known.';
comment on column mart.feed_run.unchanged_count is 'Rows that say what is known already.';
comment on column mart.feed_run.waiting_reject_count is 'Of the rejected rows those that nobody replayed yet.';
