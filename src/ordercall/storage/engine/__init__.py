"""The doors to the two databases, and what differs between them."""
