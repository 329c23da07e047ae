"""The shop's rules, pure: no Flask, no SQL, no HTTP and no clock in here."""
