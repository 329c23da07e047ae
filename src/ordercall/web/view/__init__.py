"""How things read on the pages: times, money, numbers, charts, filters."""
