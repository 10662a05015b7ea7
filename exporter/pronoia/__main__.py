"""`python -m pronoia`."""

import sys

from pronoia.cli import main

if __name__ == "__main__":
    sys.exit(main())
