"""From files in git to documents whose every key and value has a place.

Nothing in here knows a kind: what a section means is decided above. Nothing follows a symbolic
link, runs a tag or expands an alias.
"""
