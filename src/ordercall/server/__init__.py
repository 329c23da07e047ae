"""What stands between the network and the application: an event loop that reads bodies and answers webhooks."""
