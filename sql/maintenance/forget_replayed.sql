-- Purpose: forget the text of rejected rows that were replayed a week ago: what it says stands in the warehouse, or
--          in the row that the replay rejected, and its addresses need not stand there twice. The row itself stays,
--          because the sums of its file are checked against it.
-- Binds:   clock.
update restock.rejected_row
set
    raw_text = '(replayed)',
    corrected_text = case when corrected_text is not null then '(replayed)' end
where replayed_at < %(clock)s - interval '7 days' and raw_text not in ('(replayed)', '(erased)')
