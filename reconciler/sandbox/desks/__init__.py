"""One desk for each carrier that has a sandbox, named like the kind of its connectors."""
