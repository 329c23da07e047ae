"""Procrastinate's store on one SQLite file."""
