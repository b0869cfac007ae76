"""VoiceTel REST API v2.2: one file for each group of its endpoints; `app` is all of them."""
