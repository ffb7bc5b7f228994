"""``python -m portraitify``."""

from portraitify.cli.main import run

if __name__ == "__main__":
    run()
