"""Background roles: each reads the event streams (or runs on a clock) in processes of its own."""
