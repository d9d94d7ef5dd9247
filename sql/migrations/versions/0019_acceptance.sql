-- Purpose: what providers accepted is noted part by part, a row each, and settled for a batch at once. To settle every
--          part took the warehouse several times as long, while nothing could leave.
-- Run by:  Alembic (0019_acceptance.py), inside one transaction. A batch that the version before settled by parts has
--          nothing noted.
create table restock.acceptance (
    leased_by text not null,
    part_number bigint not null,
    started_at timestamptz not null,
    notification_keys bigint[] not null,
    attempt_numbers smallint[] not null,
    provider_codes text[] not null,
    provider_messages text[] not null,
    finished_at timestamptz[] not null,
    request_keys bigint[] not null,
    answering_keys bigint[] not null,
    answered_at timestamptz[] not null,
    primary key (leased_by, part_number)
);
comment on table restock.acceptance is
'What the provider of a sender accepted and is not settled yet: its messages are sent, although they do not say so for'
' a moment. Of a sender that died the next run settles it.';
comment on column restock.acceptance.leased_by is 'The sender, as in outbox.leased_by.';
comment on column restock.acceptance.part_number is 'Counts the parts that the sender noted.';
comment on column restock.acceptance.started_at is 'When the messages were claimed.';
comment on column restock.acceptance.notification_keys is 'The messages.';
comment on column restock.acceptance.attempt_numbers is 'The number of the attempt of each.';
comment on column restock.acceptance.provider_codes is 'The code of the answer to each; null where there is none.';
comment on column restock.acceptance.provider_messages is 'The text of the answer to each, without addresses.';
comment on column restock.acceptance.finished_at is 'When the answer to each came.';
comment on column restock.acceptance.request_keys is 'The requests that the messages answer.';
comment on column restock.acceptance.answering_keys is 'The message that answers each request.';
comment on column restock.acceptance.answered_at is 'When the answer to that message came.';

insert into restock.storage_setting (table_name, parameter, value, reason)
values
('acceptance', 'toast_tuple_target', '8160', 'A row of a few dozen messages stays in its page, as it is.'),
('acceptance', 'autovacuum_vacuum_scale_factor', '0', 'A handful of rows that come and go with every batch.'),
('acceptance', 'autovacuum_vacuum_threshold', '500', 'The next batches find pages to use again.'),
('acceptance', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.');
select restock.set_storage('restock.acceptance', 'acceptance');
