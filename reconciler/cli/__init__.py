"""The command line: options in, one call, text out. One small file per group of commands."""
