"""`footctl oil`: how many drops of an essential oil go into how much carrier oil, and when to leave it out."""

import sys

from footctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def configure(parser: "argparse.ArgumentParser") -> None:
    """Flags of `footctl oil`."""
    parser.add_argument("oil", metavar="OIL", help="lavender, peppermint or eucalyptus")
    parser.add_argument("--carrier", metavar="ML", default="30 ml", help='how much carrier oil, like "30 ml", "2 tbsp" (default: 30 ml)')
    parser.add_argument("--person", metavar="NAME", help="for whom: allergies and tier are looked up")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: "argparse.Namespace") -> int:
    """Tell. 2 for an oil or an amount that is none."""
    from footctl.core.oils import CARRIER_ML, OILS, mixture
    from footctl.core.quantities import VOLUME, QuantityError, read

    if args.oil.lower() not in OILS:
        raise UsageError(f"{args.oil!r} is no oil that footctl knows", f"there are {', '.join(OILS)}; others may burn or harm")
    try:
        carrier_ml = read(VOLUME, args.carrier)
    except QuantityError as error:
        raise UsageError(f"--carrier {args.carrier}: {error}") from error
    least, most = CARRIER_ML
    if not least <= carrier_ml <= most:
        why = "nobody needs more for two feet" if carrier_ml > most else "less takes no whole drop"
        raise UsageError(f"--carrier {args.carrier}: {why}", f"from {least:g} to {most:g} ml")
    mixed = mixture(args.oil.lower(), carrier_ml, *_person(args.person))
    if args.json:
        from footctl.cli.listing import document

        drops = {"drops_least": mixed.least, "drops_most": mixed.most}
        print(document({"oil": mixed.oil, "carrier_ml": carrier_ml, **drops, "warnings": list(mixed.warnings)}))
    else:
        print(mixed.sentence)
        for warning in mixed.warnings:
            print(f"  {warning}")
    sys.stdout.flush()
    return 0


def _person(name: str | None) -> tuple[bool, bool]:
    """Is the person in a tier stricter than standard, and may nuts harm? Without a name both are possible."""
    if name is None:
        return False, True
    from footctl.run import persons
    from footctl.run.journal import Journal

    with Journal() as journal:
        person = persons.standing(journal, name).person()
    return person.tier != "standard", person.nuts
