-- Purpose: the open requests of the taken products that an open, unheld episode could answer and that have no
--          place in its queue yet, with what rules 3 to 8 need to know of each. What the requests of an episode share
--          is read once an episode (find_episodes.sql). Who bought the product meanwhile and who was told about it are
--          questions of their own too (find_purchased.sql, find_last_told.sql): asked row by row here, they would cost
--          more than the rest.
-- Binds:   with_holdout (whether rule 4 leaves anybody out; holdout_draw is null unless it does),
--          looked_before (of has_earlier_looks.sql: without it, nothing is looked for among decisions and candidates).
-- Grain:   one row a request and episode.
-- Needs:   taken_product (take_plan_queue.sql).
select
    w.request_key,
    w.request_id,
    w.user_id,
    w.channel,
    w.contact,
    w.requested_at,
    w.timezone,
    w.locale,
    w.tier,
    w.episode_id,
    w.withdrawn or s.contact_hash is not null or u.contact_hash is not null as suppressed,
    -- In hundredths of a percent. md5, because PostgreSQL's own hash functions may change from one version to the next.
    case
        when %(with_holdout)s
            then mod(('x' || substr(md5(w.user_id || '/' || w.episode_id::text), 1, 8))::bit(32)::bigint, 10000)
    end as holdout_draw,
    hashtext(w.user_id) & 63 as bucket,
    -- Only what was passed over for want of an address, a channel or in a cooldown is looked at again.
    d.rule as rule_before,
    regexp_replace(
        coalesce(d.trace, d.rule),
        '^(.*; )?',
        '\1@' || to_char(d.decided_at, 'yyyy-mm-dd"T"hh24:mi:ss.us"Z "')
    ) || '; ' as looks
from (
    select
        o.request_key,
        r.request_id,
        o.user_id,
        o.channel,
        o.store_id,
        e.episode_id,
        restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
        r.requested_at,
        coalesce(r.timezone, c.timezone) as timezone,
        coalesce(r.locale, c.locale) as locale,
        coalesce(c.tier, 0) as tier,
        coalesce(not c.consent, false) as withdrawn,
        -- A microsecond each, and nothing where nobody is suppressed.
        case
            when
                exists (
                    select 1
                    from restock.suppression
                )
                or exists (
                    select 1
                    from restock.store_suppression
                )
                then
                    restock.hash_contact_with(
                        (
                            select k.inner_key
                            from restock.erasure_key as k
                        ),
                        (
                            select k.outer_key
                            from restock.erasure_key as k
                        ),
                        restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url)
                    )
        end as contact_hash
    from taken_product as t
    inner join restock.episode as e
        on
            t.store_id = e.store_id
            and t.product_id = e.product_id
            and e.closed_at is null
            and e.held_since is null
    inner join restock.open_request as o on t.store_id = o.store_id and t.product_id = o.product_id
    inner join restock.request as r on o.request_key = r.request_key
    left join restock.customer as c on o.user_id = c.user_id
    -- Keeps it apart, so that the address of a request is hashed once and not for each suppression.
    offset 0 -- noqa: AM09
) as w
left join restock.suppression as s on w.channel = s.channel and w.contact_hash = s.contact_hash
left join restock.store_suppression as u
    on w.channel = u.channel and w.store_id = u.store_id and w.contact_hash = u.contact_hash
left join restock.decision as d
    on
        %(looked_before)s
        and w.episode_id = d.episode_id
        and w.request_key = d.request_key
        and d.rule in ('no_address', 'no_channel', 'cooldown')
where
    -- Asked so and not by d, of which the planner would expect next to nothing to be missing, and take minutes.
    not exists (
        select 1
        from restock.decision as f
        where
            %(looked_before)s
            and f.episode_id = w.episode_id
            and f.request_key = w.request_key
            and f.rule not in ('no_address', 'no_channel', 'cooldown')
    )
    and not exists (
        select 1
        from restock.candidate as k
        where
            %(looked_before)s
            and k.episode_id = w.episode_id
            and k.request_key = w.request_key
    )
