"""``python -m ordercall``: the same as the command ``ordercall``."""

from ordercall.cli import main

if __name__ == "__main__":
    main()
