"""`footctl device conformance`: does a device keep to PROTOCOL.md? A test from outside, for anybody's device."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footctl.cli import links
from footctl.cli.consent import agreed
from footctl.cli.listing import document
from footctl.errors import DeviceRefused, LinkTimeout, RemoteProtocolError, SessionEnded, UsageError

if TYPE_CHECKING:
    from footctl.link.transport import Link

WARNING = (
    "Take the feet out and fill the basin to the mark. Both enables will close and open many times, the heater may warm for seconds,\n"
    "nothing moves. At the end nothing is latched and everything is off. It takes three to four minutes."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl device conformance`."""
    links.add_flags(parser)
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the result there, too: .xml for JUnit, .json for JSON")
    parser.add_argument("--only", metavar="WORD", help="only checks whose name or paragraph begins so; --list shows both")
    parser.add_argument("--list", action="store_true", help="list the checks and test nothing")
    parser.add_argument(
        "--simulator", action="store_true", help="the device may say that it is a simulator; the result then says nothing about hardware"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the dice: repeats a run's noise and nonces")
    parser.add_argument("--yes", action="store_true", help="begin without asking")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Test and tell. 0 when it conforms, 4 when it does not."""
    from footctl.run.conformance import report

    checks = _wanted(args.only)
    if args.list:
        print("\n".join(f"{one.paragraph:<6}{one.name:<28}{one.text}" for one in checks))
        return 0
    if args.report is not None:
        report.check_name(args.report)
    if not args.yes and not agreed(f"{WARNING}\nBegin?", "run it on a terminal, or add --yes when the feet are out"):
        raise SessionEnded("not tested", "nothing was started")
    import asyncio
    import secrets

    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    about, verdicts = asyncio.run(_test(args, checks, seed))
    if args.report is not None:
        report.write(args.report, about, verdicts)
    told = report.counts(verdicts)
    if args.json:
        print(document(report.record(about, verdicts)))
    else:
        print(
            f"{about['serial']} ({about['model']}, firmware {about['firmware']}): {told['passed']} passed, {told['failed']} failed, ",
            end="",
        )
        print(f"{told['untested']} could not be tested here; --seed {seed} repeats this run")
    if told["failed"]:
        raise RemoteProtocolError(
            f"{about['serial']} does not conform to PROTOCOL.md {about['protocol']}: {told['failed']} of {len(verdicts)} checks failed",
            "each line marked NO names its paragraph; --only runs one of them again",
        )
    return 0


def _wanted(only: str | None) -> list[Any]:
    from footctl.run.conformance.checks import ordered

    found = [
        one for one in ordered() if only is None or one.name.startswith(only) or f"{one.paragraph}.".startswith(only.rstrip(".") + ".")
    ]
    if not found:
        raise UsageError(f"--only {only}: no check begins so", "footctl device conformance --list shows names and paragraphs")
    return found


def _bare(link: Link) -> Link:
    """Without the envelope: tags are among what is tested."""
    from footctl.link.sealed import Sealed

    return link.link if isinstance(link, Sealed) else link


async def _test(args: argparse.Namespace, checks: list[Any], seed: int) -> tuple[dict[str, Any], list[Any]]:
    from firmware_protocol import version
    from footctl.link.discover import identify
    from footctl.run import keys
    from footctl.run.conformance import report, suite
    from footctl.run.conformance.drive import converse
    from footctl.run.conformance.peer import Broken, Untested

    opened = [_bare(await links.open_named(args))]
    try:
        if args.tcp is not None:
            opened.append(_bare(await links.open_named(args)))
        identity = await identify(opened[0])
        if identity is None:
            raise LinkTimeout(
                f"{opened[0].name}: nobody answers our hello", "is it switched on, and is this its port? `footctl devices` tells"
            )
        about = {
            "serial": identity.serial,
            "model": identity.model,
            "firmware": identity.firmware,
            "protocol": f"{version.MAJOR}.{version.MINOR}",
            "link": opened[0].name,
            "simulator": identity.simulator,
            "seed": seed,
        }
        tell = (lambda verdict: None) if args.json else (lambda verdict: print(report.line(verdict), flush=True))
        key = keys.find(identity.serial, identity.simulator, "wants_proof" in identity.features)
        talk = suite.run(len(opened), simulator_allowed=args.simulator, seed=seed, checks=checks, tell=tell, key=key)
        return about, await converse(opened, talk, max(1, identity.simulator))
    except Untested as missing:
        raise DeviceRefused(f"{opened[0].name}: {missing}") from missing
    except Broken as broken:
        raise RemoteProtocolError(
            f"{opened[0].name} gives no session to test: {broken}", "`footctl device info` says what it answers"
        ) from broken
    finally:
        for link in opened:
            link.close()
