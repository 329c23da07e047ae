"""Kalimera's API: what is sent there, and how its answers are read."""
