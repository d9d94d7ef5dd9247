"""The rules of the schedule read literally, to hold the fast ones to: no pandas, no numpy, nothing of the pipeline."""
