-- Purpose: take a token from the bucket of a channel for each message that leaves.
-- Binds:   channel, message_count.
update restock.rate_bucket
set tokens = tokens - %(message_count)s
where channel = %(channel)s
