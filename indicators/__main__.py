"""`python -m indicators`."""

from indicators.cli import app

if __name__ == "__main__":
    app(prog_name="python -m indicators")
