"""Who may open which route: doors, login, sessions."""
