-- Purpose: the messages of a shard's shoppers that can count for the daily cap.
-- Binds:   first_day.
-- Needs:   shard_shopper (its shoppers).
-- Grain:   temporary table shopper_message: one row a message.
create temporary table shopper_message on commit drop as
select m.notification_key
from shard_shopper as s
-- Shopper by shopper. Of a join PostgreSQL expects next to nothing to be of the last days, and would begin with all
-- that was planned for them.
cross join
    lateral (
        select n.notification_key
        from restock.notification as n
        where
            n.user_id = s.user_id
            and n.local_day >= %(first_day)s
            -- A partition that holds nothing yet is not looked into at all: while another shard is filling it,
            -- PostgreSQL could take it for empty, and read all of it for each shopper.
            and n.notification_key <= (
                select max(l.notification_key)
                from restock.notification as l
            )
        offset 0 -- noqa: AM09
    ) as m
