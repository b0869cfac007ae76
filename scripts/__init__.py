"""Programs for those who work on reconciler; no part of what is installed."""
