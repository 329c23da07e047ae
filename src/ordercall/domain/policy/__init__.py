"""The rules that a shop sets itself: what they are, how they are written, and what another draft would change."""
