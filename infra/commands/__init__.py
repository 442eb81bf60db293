"""What the `glimpse` command does, a noun a file."""
