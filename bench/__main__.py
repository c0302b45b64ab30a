"""Every figure, one after the other: `python -m bench`."""

from __future__ import annotations

from bench import roundtrip, speed, stop

ROWS = (speed, roundtrip, stop)


def main() -> None:
    """Run all rows."""
    for row in ROWS:
        print(f"── {(row.__doc__ or row.__name__).splitlines()[0]}")
        row.main([])
        print()


if __name__ == "__main__":
    main()
