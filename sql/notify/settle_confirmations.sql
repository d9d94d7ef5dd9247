-- Purpose: how the attempts to send confirmation messages ended. Who confirmed meanwhile stays confirmed.
-- Binds:   clock, leased_by, confirmation_keys, statuses (sent, waiting or refused), forgiven (whether the attempt does
--          not count), retry_at, errors (arrays, in step).
update restock.confirmation as c
set
    status = r.status,
    lease_until = null,
    leased_by = null,
    attempt_count = case r.status when 'sent' then 0 else c.attempt_count - r.forgiven::integer end,
    due_at = coalesce(r.retry_at, c.due_at),
    last_error = r.error,
    sent_count = c.sent_count + case r.status when 'sent' then 1 else 0 end,
    sent_at = case r.status when 'sent' then %(clock)s else c.sent_at end
from
    unnest(
        %(confirmation_keys)s::bigint[],
        %(statuses)s::text[],
        %(forgiven)s::boolean[],
        %(retry_at)s::timestamptz[],
        %(errors)s::text[]
    ) as r (confirmation_key, status, forgiven, retry_at, error)
where c.confirmation_key = r.confirmation_key and c.leased_by = %(leased_by)s and c.status = 'waiting'
