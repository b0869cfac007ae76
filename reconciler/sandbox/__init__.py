"""Faithful stand-ins for carriers: the tutorial, the tests and rehearsals run against them.

Nothing in here knows our connectors. `serve` opens, serves and changes a sandbox.
"""
