"""Which number is rung: from the text of a phone field to one that can be dialled."""
