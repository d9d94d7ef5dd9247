-- Purpose: the channels, and what the codes of their providers mean.
-- Grain:   one row a channel; codes is a list of (code, outcome, suppress, meaning).
select
    c.name,
    c.kind,
    c.connection_id,
    c.connections,
    c.options,
    coalesce(
        (
            select jsonb_agg(jsonb_build_array(p.code, p.outcome, p.suppress, p.meaning))
            from restock.provider_code as p
            where p.kind = c.kind
        ),
        '[]'
    ) as codes
from restock.channel as c
order by c.name
