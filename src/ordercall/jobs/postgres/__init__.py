"""Procrastinate's store on Postgres, and what a fleet needs beyond it."""
