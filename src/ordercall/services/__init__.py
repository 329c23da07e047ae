"""The use cases, and the two clients that speak to the providers.

A ``...Client`` speaks to a provider and never sees our database; a ``...Service`` is a use case of ours.
"""
