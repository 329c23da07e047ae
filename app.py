"""The web application, for ``flask run`` and any WSGI server; ``python app.py`` is ``ordercall``, and alone it serves.

Python 2.7 can read this file, so that whoever starts it with the wrong Python reads a sentence and no trace.
"""

import sys

try:
    if sys.version_info < (3, 12):  # noqa: UP036
        raise ImportError
    from ordercall import create_app
except ImportError:
    sys.exit(
        "Ordercall is not installed for this Python (" + sys.version.split()[0] + ", " + sys.executable + ").\n"
        "Run `make setup` once, and in each new terminal `. .venv/bin/activate`; then `python app.py` and `flask run`"
        " work. `make run` needs neither."
    )

__all__ = ["create_app"]

if __name__ == "__main__":
    from ordercall.cli import main

    main(sys.argv[1:] or ["serve"])
