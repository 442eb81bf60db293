"""Media: direct uploads, safe processing, signed addresses."""
