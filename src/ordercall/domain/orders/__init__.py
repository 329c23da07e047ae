"""An order, its money and its lines, and what may be done to it."""
