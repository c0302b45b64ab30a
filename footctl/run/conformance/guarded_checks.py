"""Proof of the key, and arming, on links that anybody in range can reach: paragraph 13. Over a cable there is nothing to test."""

from __future__ import annotations

from typing import Any

from firmware_protocol import auth, framing, messages
from footctl.run.conformance.peer import Broken, Peer, Talk, Untested, refused, told, want
from footctl.run.conformance.suite import Bench, check

STATE_CHANGING = (
    messages.SetLamp(1),
    messages.Start(0),
    messages.Pause(),
    messages.Finish(),
    messages.SetBath(0, 0, 0),
    messages.Checked(),
)


def _guarded(bench: Bench) -> Peer:
    if not bench.peer.guarded:
        raise Untested("this link is a cable: whoever holds the plug holds the device")
    return bench.peer


def _plainly(peer: Peer, message: Any) -> Talk[Any]:
    """Ask without a tag."""
    seq = peer.next_seq()
    return (yield from peer.raw(framing.encode(messages.code_of(message), seq, messages.pack(message)), seq))


@check("13.2", "identity, caps, causes and the black box are open to everybody")
def open_to_read(bench: Bench) -> Talk[None]:
    for message in (messages.GetCaps(), messages.GetCause(), messages.LogRead(0)):
        answer = yield from _plainly(_guarded(bench), message)
        good = answer is not None and not isinstance(answer, messages.Nak)
        want(good, f"{type(message).__name__} without a tag should be answered; {told(answer)} came")


@check("13.2", "a request that changes something is refused without a tag: not_authenticated")
def closed_to_change(bench: Bench) -> Talk[None]:
    for message in STATE_CHANGING:
        refused((yield from _plainly(_guarded(bench), message)), messages.NOT_AUTHENTICATED)


@check("13.2", "a HELLO as controller without a tag does not take the place of a proven one")
def hello_without_tag(bench: Bench) -> Talk[None]:
    peer = _guarded(bench)
    yield from _plainly(peer, messages.Hello(1, 0, messages.CONTROLLER, bench.dice.getrandbits(32)))
    answer = yield from peer.surely(messages.SetLamp(1))
    want(isinstance(answer, messages.Ack), f"the proven host should still be the controller; its SET_LAMP got {told(answer)}")


@check("13.2", "a heartbeat without a tag is not heard")
def heartbeat_without_tag(bench: Bench) -> Talk[None]:
    peer = _guarded(bench)
    sample = yield from peer.sample()
    for turn in range(5):
        beat = messages.Heartbeat(turn + 7, sample.uptime_ms)
        yield from peer.send(framing.encode(0x08, 0, messages.pack(beat)), 0.1)
    refused((yield from peer.surely(messages.Start(0))), messages.NOT_PERMITTED, messages.LEASE_DEAD)


@check("13.5", "a frame whose tag is wrong is refused without a tag, and changes nothing")
def forged(bench: Bench) -> Talk[None]:
    peer = _guarded(bench)
    yield from peer.do(messages.SetLamp(messages.LAMP_WAIT))
    seq = peer.next_seq()
    assert peer.seal is not None
    code = messages.code_of(messages.SetLamp(0)) + messages.AUTHENTICATED
    body = bytearray(peer.seal.close(code, seq, bytes((messages.LAMP_FEET_OUT,))))
    body[-1] ^= 1
    refused((yield from peer.raw(framing.encode(code, seq, bytes(body)), seq)), messages.NOT_AUTHENTICATED)
    yield from peer.listen(0.4)
    sample = yield from peer.sample()
    want(sample.presence_lamp >> 4 == messages.LAMP_WAIT, "the lamp should be as it was")


@check("13.6", "a frame from before is not taken again")
def replayed(bench: Bench) -> Talk[None]:
    peer = _guarded(bench)
    seq = peer.next_seq()
    old = peer.wire(0x12, seq, bytes((messages.LAMP_FEET_OUT,)))
    yield from peer.raw(old, seq)
    for _ in range(6):
        yield from peer.do(messages.SetLamp(messages.LAMP_WAIT))
    yield from peer.raw(old, seq, 0.5)
    yield from peer.listen(0.4)
    sample = yield from peer.sample()
    want(
        sample.presence_lamp >> 4 == messages.LAMP_WAIT,
        f"the replayed SET_LAMP should be dropped; the lamp shows {sample.presence_lamp >> 4}",
    )


@check("13.8", "after three AUTH without a proof the next is refused with too_many and a wait")
def too_many(bench: Bench) -> Talk[None]:
    peer = _guarded(bench)
    if bench.other is None:
        raise Untested("needs a second connection, whose attempts count apart")
    other = bench.other
    yield from other.surely(messages.Hello(1, 0, messages.OBSERVER, bench.dice.getrandbits(32)))
    for _ in range(5):
        answer = yield from other.surely(messages.Auth(bench.dice.randbytes(auth.NONCE_BYTES)))
        if isinstance(answer, messages.Nak):
            refused(answer, messages.TOO_MANY)
            want(answer.limit > 0, f"`limit` should be the milliseconds to wait; it is {answer.limit}")
            yield from peer.sample()
            return
    raise Broken("five AUTH without a proof were all answered")


@check("13.9", "the key is not told over this link: by_cable")
def key_by_cable(bench: Bench) -> Talk[None]:
    refused((yield from _guarded(bench).surely(messages.GetKey())), messages.BY_CABLE)


@check("13.10", "START with an enable is refused with not_armed until somebody held the button")
def not_armed(bench: Bench) -> Talk[None]:
    peer = _guarded(bench)
    yield from peer.alive()
    sample = yield from peer.sample()
    if sample.flags & messages.ARMED:
        raise Untested("somebody armed it just now")
    refused((yield from peer.surely(messages.Start(1))), messages.NOT_ARMED)
