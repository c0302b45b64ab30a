"""A running session's door for other terminals: a socket of this user's, one JSON object a line in each direction.

Threads own the sockets, so that stop and pain put STOP on the wire whatever the event loop is doing; the machine is told
after. Everything else happens in the loop, between two turns. Knows requests and replies, not who sends them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from footctl.core.events import Begin, Event, ExtendAsked, Firmer, Pain, PainScored, PauseAsked, ResumeAsked, SkipAsked, Softer, Yes
from footctl.core.pain import is_score, place
from footctl.core.view import View
from footctl.run.places import runtime_folder
from footctl.run.reading import reading
from footctl.run.session import Session
from footctl.run.wishes import BY_HAND, YES, Answer, Judge, no, wished

T = TypeVar("T")

LINE_MAX = 4096  # bytes of one request; the longest is 60
PEERS_MAX = 16  # connections at a time; more are turned away
CONFIRM_S = 5.0  # wall seconds that a reply may wait for the device's read-back
STATUS_S = 1.0  # a session that has not said by then who it is does not answer: a thread of its own does it

SIMPLE: dict[str, Callable[[], Event]] = {
    "pause": PauseAsked,
    "resume": ResumeAsked,
    "softer": Softer,
    "firmer": Firmer,
    "skip": SkipAsked,
}


# What `footctl stop` and `footctl pain` send, and whether it hurts: known as it comes, a parser would double the time to the wire
AT_ONCE = {b'{"do": "stop"}\n': False, b'{"do": "pain"}\n': True}


class Peer:
    """One connection. `send` never waits: a peer that does not read is closed."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def send(self, answer: Answer) -> bool:
        """One line out. False when the peer is gone or does not read; it is closed then."""
        data = json.dumps(answer).encode() + b"\n"
        try:
            if self.sock.send(data, socket.MSG_DONTWAIT) == len(data):
                return True
        except OSError:
            pass
        self.hang_up()
        return False

    def hang_up(self) -> None:
        """Its thread sees the end and closes it."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class Control:
    """The door of `session`. `about`: what `status` tells besides the view (session id, program, link). Needs a running loop."""

    def __init__(self, session: Session, about: dict[str, Any], path: Path | None = None) -> None:
        self.path = runtime_folder() / f"session-{os.getpid()}.sock" if path is None else path
        self._session = session
        self._about = about
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Peer, float, Judge]] = []
        self._watching: list[tuple[Peer, int]] = []
        self._now = _standing(session.view())
        self.path.unlink(missing_ok=True)  # a socket of a dead process that had our number
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(str(self.path))
            self.path.chmod(0o600)
            self._listener.listen(8)
        except OSError:
            self._listener.close()
            raise
        self._peers: set[Peer] = set()
        self._closed = False
        self._thread = threading.Thread(target=self._welcome, name="control", daemon=True)
        self._thread.start()
        self._unsubscribe = session.subscribe(self._show)

    def close(self) -> None:
        """Answer who still waits, close the door."""
        self._unsubscribe()
        view = self._session.view()
        for peer, _, judge in self._waiting:
            peer.send(judge(view) or {"ok": True, "confirmed": False})
        self._closed = True
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
                knock.connect(str(self.path))  # the thread waits for somebody to come
        except OSError:  # the folder is gone, as after a logout: nobody can come any more
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.path.unlink(missing_ok=True)

    # --------------------------------------------------------------------------------------------- the threads

    def _welcome(self) -> None:
        """Take callers in, each to a thread of its own: one that waits in `recv` is the quickest way from a socket to the wire."""
        threads = []
        with self._listener:
            while True:
                try:
                    sock, _ = self._listener.accept()
                except OSError:
                    if self._closed:
                        break
                    continue
                if self._closed:
                    sock.close()
                    break
                if len(self._peers) >= PEERS_MAX:
                    sock.close()
                    continue
                peer = Peer(sock)
                self._peers.add(peer)
                threads.append(threading.Thread(target=self._hear, args=(peer,), name="control", daemon=True))
                threads[-1].start()
                threads = [thread for thread in threads if thread.is_alive()]
        for peer in tuple(self._peers):
            peer.hang_up()
        for thread in threads:
            thread.join()

    def _hear(self, peer: Peer) -> None:
        held = b""
        with peer.sock:
            while len(held) <= LINE_MAX:
                try:
                    data = peer.sock.recv(LINE_MAX)
                except OSError:
                    break
                if data in AT_ONCE:
                    self._session.urgent_stop(AT_ONCE[data])
                if not data:
                    break
                *lines, held = (held + data).split(b"\n")
                for line in lines:
                    request = _parse(line)
                    what = request.get("do") if request is not None else None
                    if what == "status":
                        peer.send({"ok": True, **self._about, **self._now})
                        continue
                    if what in ("pain", "stop") and data not in AT_ONCE:
                        self._session.urgent_stop(pain=what == "pain")
                    with contextlib.suppress(RuntimeError):  # the loop has ended
                        self._loop.call_soon_threadsafe(self._do, peer, request)
        self._peers.discard(peer)

    # -------------------------------------------------------------------------------------------------- the loop

    def _do(self, peer: Peer, request: dict[str, Any] | None) -> None:
        what = None if request is None else request.get("do")
        view = self._session.view()
        if request is None:
            peer.send(no("not a JSON object"))
        elif what == "watch":
            peer.send({"ok": True, **self._about})
            self._watching.append((peer, -1))
        elif what == "pain":
            self._session.post(_pain(request))
            self._answer(peer, _is_off)
        elif what == "stop":
            if not self._session.stopping:
                self._session.stop("stop", "terminal")
            self._answer(peer, _is_off)
        elif what == "yes":
            self._yes(peer, view)
        elif what == "score":
            self._score(peer, request.get("score"))
        elif what == "extend":
            seconds = request.get("seconds")
            if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= 3600:
                peer.send(no("extend needs seconds, above 0 and at most 3600"))
                return
            self._session.post(ExtendAsked(float(seconds)))
            self._answer(peer, wished("extend", view))
        elif what in SIMPLE:
            self._session.post(SIMPLE[what]())
            self._answer(peer, wished(what, view))
        else:
            peer.send(no(f"nobody here knows {what!r}"))

    def _yes(self, peer: Peer, view: View) -> None:
        question = view.question
        if question is None:
            peer.send(no("nothing was asked"))
        elif not question.ready:
            peer.send(no(f"not yet: {question.why_not}" if question.why_not else "not yet"))
        else:
            answers: dict[str, Event] = {"start": Begin(), "resume": ResumeAsked()}
            self._session.post(answers.get(question.kind, Yes(by="terminal")))
            self._answer(peer, _taken)

    def _score(self, peer: Peer, score: object) -> None:
        if not is_score(score):
            peer.send(no("a pain score is a whole number from 0 to 10"))
            return
        self._session.post(PainScored(score, by="terminal"))
        self._answer(peer, _taken)

    def _answer(self, peer: Peer, judge: Judge) -> None:
        """Answer after a turn, as soon as `judge` can tell."""
        self._waiting.append((peer, self._loop.time() + CONFIRM_S, judge))

    def _show(self, view: View) -> None:
        self._now = _standing(view)
        if self._waiting:
            self._waiting = [one for one in self._waiting if not self._settled(view, *one)]
        if self._watching and view.sample is not None:
            uptime = view.sample.uptime_ms
            self._watching = [
                (peer, uptime) for peer, last in self._watching if last == uptime or peer.send(reading(view) or {})
            ]

    def _settled(self, view: View, peer: Peer, until: float, judge: Judge) -> bool:
        answer = judge(view)
        if answer is None and self._loop.time() >= until:
            answer = {"ok": True, "confirmed": False}
        if answer is not None:
            peer.send(answer)
        return answer is not None


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(line)
    except ValueError:
        return None
    return request if isinstance(request, dict) else None


def _standing(view: View) -> dict[str, Any]:
    return {"state": view.state, "question": view.question.kind if view.question else None}


def _pain(request: dict[str, Any]) -> Pain:
    """A pain, with where and how strong as far as they make sense: whoever cannot spell a zone is in pain all the same."""
    score, zone = request.get("score"), request.get("zone")
    where = None
    if isinstance(zone, str):
        with contextlib.suppress(ValueError):
            where = place(zone)
    return Pain(where, score if is_score(score) else None, by="terminal")


def _taken(view: View) -> Answer:
    """The next turn took it."""
    return YES


def _is_off(view: View) -> Answer | None:
    off = view.outcome is not None and view.outcome.off_confirmed
    return None if not off else BY_HAND if view.by_hand else YES


# ------------------------------------------------------------------------------------------------------ the other end


def doors() -> list[tuple[Path, dict[str, Any]]]:
    """The live sessions of this user: socket and status. Sockets of dead processes are passed over.

    Of one that lives and does not answer the status is {"silent": its process number} and nothing else.
    """
    return [(path, status) for path, status in _each(_status) if status is not None]


def tell_everybody(request: dict[str, Any]) -> list[tuple[dict[str, Any], Answer]]:
    """Tell every live session at once, and ask only then who it is: status, and answer to the request."""

    def tell(path: Path) -> tuple[dict[str, Any], Answer] | None:
        with contextlib.suppress(OSError, ValueError), _called(path, request) as lines:
            status = _status(path)
            if status is not None and "silent" not in status:
                return status, _read(lines)
            return None if status is None else (status, {"ok": False})
        return None

    return [told for _, told in _each(tell) if told is not None]


def _each(work: Callable[[Path], T]) -> list[tuple[Path, T]]:
    """What `work` gives for the socket of each session, all at the same time: one that hangs must not keep the others waiting."""
    paths = sorted(runtime_folder().glob("session-*.sock"))
    if not paths:
        return []
    with ThreadPoolExecutor(len(paths)) as several:
        return list(zip(paths, several.map(work, paths), strict=True))


def _status(path: Path) -> dict[str, Any] | None:
    try:
        return ask(path, {"do": "status"}, STATUS_S)
    except TimeoutError:
        return {"silent": int(path.stem.rpartition("-")[2])}
    except (OSError, ValueError):
        return None


def ask(path: Path, request: dict[str, Any], timeout: float = CONFIRM_S + 1.0) -> dict[str, Any]:
    """One request, its answer. Raises OSError or ValueError when nobody, or somebody else, is there."""
    with _called(path, request, timeout) as lines:
        return _read(lines)


@contextmanager
def _called(path: Path, request: dict[str, Any], timeout: float = CONFIRM_S + 1.0) -> Iterator[BinaryIO]:
    """The lines that come back, once the request is on its way."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        sock.connect(str(path))
        sock.sendall(json.dumps(request).encode() + b"\n")
        with sock.makefile("rb") as lines:
            yield lines


def _read(lines: BinaryIO) -> dict[str, Any]:
    answer = json.loads(lines.readline(65536))
    if not isinstance(answer, dict):
        raise ValueError(f"no session's answer: {answer!r}")
    return answer
