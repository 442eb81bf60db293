"""Telling people who are not there: web push and mobile push."""
