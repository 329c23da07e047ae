"""Everything that knows a provider's words: one request with one deadline, and what its answers mean to us."""
