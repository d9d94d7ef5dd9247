-- Purpose: forget what the intake service keeps for a while: answers to calls that may come again, counts for its
--          limits, whose longest stretch is a week, and lines of the inbox that were loaded or rejected: what they say
--          stands in the warehouse, and their addresses need not stand there twice.
-- Binds:   clock.
-- Grain:   one row: forgotten_count, answers forgotten.
with counts as (
    delete from restock.intake_count
    where began_at < %(clock)s - interval '8 days'
),

lines as (
    delete from restock.inbox as i
    where
        i.received_at < %(clock)s - interval '7 days'
        and not exists (
            select 1
            from restock.inbox_pending as p
            where p.feed = i.feed and p.inbox_id = i.inbox_id
        )
),

answers as (
    delete from restock.idempotency_key
    where answered_at < %(clock)s - interval '1 day'
    returning 1
)

select count(*) as forgotten_count
from answers
