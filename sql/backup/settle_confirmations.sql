-- Purpose: confirmation messages that had left after the backup, or without a list may have left, are not sent again.
--          The list may name earlier ones of the same shopper, whose number is lower.
-- Binds:   has_list, drop_doubtful, restored_at.
-- Needs:   listed_message.
update restock.confirmation
set
    status = 'sent',
    lease_until = null,
    leased_by = null,
    sent_count = sent_count + 1,
    sent_at = %(restored_at)s
where
    status = 'waiting'
    and (
        (not %(has_list)s and %(drop_doubtful)s)
        or exists (
            select 1
            from listed_message as l
            where l.message_id = confirmation.confirmation_id and l.confirmation_number >= confirmation.sent_count
        )
    )
