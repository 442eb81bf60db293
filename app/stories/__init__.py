"""Stories: what vanishes after a day."""
