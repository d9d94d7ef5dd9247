-- Purpose: tell the planner how many requests and withdrawals arrive before they are merged.
-- Needs:   arriving, withdrawal.
analyze arriving, withdrawal
