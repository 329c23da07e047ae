"""What an agent reports of a call, whose answer it is, and what it does."""
