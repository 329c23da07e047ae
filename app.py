"""The web application, for ``flask run`` and for any WSGI server; ``python app.py`` runs the whole installation."""

from ordercall import create_app
from ordercall.cli import main

__all__ = ["create_app"]

if __name__ == "__main__":
    main(["serve"])
