"""Keep telephone systems the way git says they are."""

__version__ = "0.1.0"
