"""One module a table: rows stored, changed and found by their key."""
