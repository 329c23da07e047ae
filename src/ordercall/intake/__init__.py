"""The way of a webhook: verified before it is parsed, stored before it is answered."""
