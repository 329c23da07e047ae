"""Everything that knows a provider's words: one request that ends in time, and what its answers mean to us."""
