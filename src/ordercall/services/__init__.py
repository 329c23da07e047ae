"""The use cases: what is done with an order, a shop, a provider, and what of it is stored."""
