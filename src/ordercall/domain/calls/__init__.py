"""Whether a customer is rung, when and by whom, and what became of it."""
