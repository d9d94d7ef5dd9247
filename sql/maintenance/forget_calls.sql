-- Purpose: forget what the intake service keeps for a while: answers to calls that may come again, and counts for its
--          limits, whose longest stretch is a week.
-- Binds:   clock.
-- Grain:   one row: forgotten_count, answers forgotten.
with counts as (
    delete from restock.intake_count
    where began_at < %(clock)s - interval '8 days'
),

answers as (
    delete from restock.idempotency_key
    where answered_at < %(clock)s - interval '1 day'
    returning 1
)

select count(*) as forgotten_count
from answers
