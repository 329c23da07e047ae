"""From the answer to the parcel: what is in it, when it may leave, and who fetches it."""
