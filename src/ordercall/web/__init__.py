"""The pages and the JSON API: read the request, call one service, answer."""
