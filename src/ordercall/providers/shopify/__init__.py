"""Shopify's Admin API and its webhooks: what is asked, and how bodies and answers become our own words."""
