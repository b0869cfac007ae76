"""What people and machines read: one file per report, values in, lines or JSON out.

A report never writes anywhere. Text is built as lines of spans (`text.py`), in which whatever
came from outside is inert, and put on a stream by `terminal.py`.
"""
