-- Purpose: the mark of a warehouse that came out of a backup: until somebody says what left since the backup, nothing
--          leaves.
-- Run by:  Alembic (0015_backup.py), inside one transaction.
create table restock.restore (
    restore_id bigint generated always as identity primary key,
    backup_at timestamptz not null,
    restored_at timestamptz not null,
    settled_at timestamptz,
    settled_by text,
    unknown text check (unknown in ('drop', 'resend')),
    listed_count integer,
    sent_count integer,
    told_count integer,
    dropped_count integer,
    constraint restore_times_agree check (restored_at >= backup_at and settled_at >= restored_at),
    constraint restore_settled_whole check (
        num_nonnulls(settled_at, settled_by, unknown, listed_count, sent_count, told_count, dropped_count) in (0, 7)
    )
);
comment on table restock.restore is
'One time that this warehouse came out of a backup. While one is not settled nothing is planned and nothing is sent.';
comment on column restock.restore.restore_id is 'Surrogate key.';
comment on column restock.restore.backup_at is 'The moment that the backup shows: what happened later is not in it.';
comment on column restock.restore.restored_at is 'When it was restored.';
comment on column restock.restore.settled_at is
'When somebody said what left between the two; null while nothing may leave.';
comment on column restock.restore.settled_by is 'Who said so.';
comment on column restock.restore.unknown is
'What becomes of requests that may have been answered between the two: drop (they end) or resend (they may be'
' answered again).';
comment on column restock.restore.listed_count is 'Messages on the list of what left.';
comment on column restock.restore.sent_count is 'Messages that waited in the backup and had left.';
comment on column restock.restore.told_count is 'Requests that the list names as answered.';
comment on column restock.restore.dropped_count is 'Requests that ended because they may have been answered.';
