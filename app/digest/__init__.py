"""The digest: what one has not seen, by email, once a day or week."""
