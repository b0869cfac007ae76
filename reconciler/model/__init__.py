"""What can be said: addresses, references, types, resources and states.

Nothing in here knows a single kind, reads a file, a clock or a network.
"""
