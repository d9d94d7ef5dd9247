-- Purpose: the provider of a channel has been down for too long.
-- Binds:   clock, patience.
-- Grain:   one row a channel: subject, since, detail.
select
    b.channel as subject,
    b.opened_at as since,
    concat(
        'the provider of the channel ',
        b.channel,
        ' has taken nothing since ',
        to_char(b.opened_at, 'YYYY-MM-DD HH24:MI'),
        ' UTC; ',
        (
            select count(*)
            from restock.outbox as w
            where w.channel = b.channel and w.due_at < %(clock)s
        ),
        ' messages wait for it. The last answer: ',
        b.reason
    ) as detail
from restock.breaker as b
where b.opened_at < %(clock)s - %(patience)s
