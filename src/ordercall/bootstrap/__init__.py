"""The one place that knows everybody: each module builds one thing that is started, and loads only what that needs.

A process keeps what it has loaded: the clients of the providers take 4 MB that a web process never uses, Flask takes
8 MB that a worker never uses.
"""
