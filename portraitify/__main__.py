"""``python -m portraitify``."""

import sys

from portraitify.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
