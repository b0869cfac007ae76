"""Upkeep of the database behind platform and ledger: backup, restore, migrate, check."""
