"""Where an order goes: addresses, states and PIN codes of India."""
