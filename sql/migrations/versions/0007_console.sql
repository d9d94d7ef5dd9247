-- Purpose: what people changed through the console, and who; two indexes that its page stands on.
-- Run by:  Alembic (0007_console.py), inside one transaction.

create table restock.console_action (
    console_action_id bigint generated always as identity primary key,
    user_name text not null,
    action text not null check (
        action in ('change_settings', 'release_gate', 'replay_dead', 'replay_rejected', 'probe_breaker')
    ),
    subject text not null,
    detail jsonb not null default '{}',
    done_at timestamptz not null default now()
);
comment on table restock.console_action is 'One change that a person made through the console.';
comment on column restock.console_action.console_action_id is 'Order.';
comment on column restock.console_action.user_name is 'Login in Airflow.';
comment on column restock.console_action.action is 'What was done.';
comment on column restock.console_action.subject is 'To what: a setting, a gate, a channel, a file or a reason.';
comment on column restock.console_action.detail is 'Old and new values, or how much it concerned.';
comment on column restock.console_action.done_at is 'When.';

-- Attempts are only ever added, in the order of time: an index of the blocks tells the last minutes apart, and hardly
-- costs the sender anything.
create index delivery_attempt_finished on restock.delivery_attempt using brin (finished_at)
with (pages_per_range = 32, autosummarize = on);
-- Serves the search for messages that were given up: their status stands in no index, so that its updates stay cheap.
create index delivery_attempt_refused on restock.delivery_attempt (notification_key) where outcome <> 'accepted';
