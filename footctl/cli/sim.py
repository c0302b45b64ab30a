"""`footctl sim`: what the simulator offers."""

from __future__ import annotations

import argparse

from footctl.cli.listing import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Verbs of `footctl sim`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, summary in (
        ("scenarios", "how a simulated session can begin: run --sim --scenario NAME"),
        ("devices", "the machines that are described"),
    ):
        listing = verbs.add_parser(verb, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False)
        listing.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """List scenarios or devices."""
    from simulator.describe import list_devices, list_scenarios

    found = list_scenarios() if args.verb == "scenarios" else list_devices()
    show([{"name": name, "summary": summary} for name, summary in found.items()], ("name", "summary"), args.json)
    return 0
