"""The routes that answer with pages: read the request, call one service, show."""
