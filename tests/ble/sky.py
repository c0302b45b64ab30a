"""The air of a test: adapters offered as HCI over TCP, in a thread of the test's process. And what radios do to links."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from bumble.controller import Controller
from bumble.transport import open_transport
from bumble.transport.common import StreamPacketSink, StreamPacketSource

from simulator.air import SUPERVISION_S, Adapter, Air

READY_S = 30.0


class Sky:
    """`socket(name)` is a place where a host stack plugs in; what is plugged in can be silenced by that name."""

    def __init__(self, kernel: bool = False) -> None:
        self._adapters: dict[str, Controller] = {}
        self._plugs: dict[str, Plug] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._open = AsyncExitStack()
        self.air = self.do(self._begin(kernel))

    def socket(self, name: str) -> str:
        """A transport, in bumble's words, to an adapter of its own."""
        return "tcp-client:127.0.0.1:" + str(self.do(self._listen(name)))

    def silence(self, name: str) -> None:
        """That one has lost its power."""
        self.call(self.air.silence, self._adapters[name])

    def unplug(self, name: str) -> None:
        """The adapter itself goes away."""
        plug = self._plugs[name]
        self.call(plug.transport.close)

    def hush(self, name: str) -> None:
        """That one hangs: nothing passes, and nobody is told."""
        self.call(self.air.hush, self._adapters[name])

    def unsilence(self, name: str) -> None:
        """It is back."""
        self.call(self.air.unsilence, self._adapters[name])

    def delay(self, seconds: float) -> None:
        """Every packet takes so much longer."""
        self.air.delay_s = seconds

    def end(self) -> None:
        """Nothing is left."""
        self.do(self._close())
        self.call(self._loop.stop)
        self._thread.join(READY_S)
        self._loop.close()

    def do(self, work: Any) -> Any:
        """What `work` gives, in the thread of the air."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(READY_S)

    def call(self, work: Callable[..., Any], *args: Any) -> None:
        self._loop.call_soon_threadsafe(work, *args)

    async def _close(self) -> None:
        await self._open.aclose()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _begin(self, kernel: bool) -> Air:
        air = Air()
        if kernel:
            adapter = await self._open.enter_async_context(await open_transport("vhci"))
            self._adapters["host"] = Adapter("host", air, adapter.source, adapter.sink, "F0:F1:F2:F3:F4:F5")
        return air

    async def _listen(self, name: str) -> int:
        server = await asyncio.get_running_loop().create_server(lambda: Plug(self, name), "127.0.0.1", 0)
        self._open.callback(server.close)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def plugged(self, name: str, plug: Plug, adapter: Controller) -> None:
        """A host stack has taken the adapter of this name; the one before, if any, is gone."""
        self._plugs[name] = plug
        self._adapters[name] = adapter

    def pulled(self, adapter: Controller) -> None:
        """The host stack has gone without a word: its links end by supervision time-out."""
        self.air.silence(adapter)
        self._loop.call_later(2 * SUPERVISION_S, self.air.controllers.discard, adapter)


class Plug(StreamPacketSource):
    """One host stack's end of an adapter."""

    def __init__(self, sky: Sky, name: str) -> None:
        super().__init__()
        self._sky = sky
        self._name = name
        self._adapter: Controller | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._adapter = Adapter(self._name, self._sky.air, self, StreamPacketSink(transport))
        self._sky.plugged(self._name, self, self._adapter)

    def connection_lost(self, error: Exception | None) -> None:
        if self._adapter is not None:
            self._sky.pulled(self._adapter)
