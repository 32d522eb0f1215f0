"""`python -m pipelines`: see `cli`."""

from pipelines.cli import app

if __name__ == "__main__":
    app()
