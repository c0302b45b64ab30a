"""The air between virtual Bluetooth adapters: who hears whom, how late, and who has fallen silent. Knows nothing of what is sent.

bumble's own link, with the gaps closed that a lost link or a real kernel at the other end of an adapter meets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bumble import hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink

RSSI_DBM = -50  # of everybody: in the same room
UNHEARD_S = 0.1  # six intervals without an answer are no connection [S: Bluetooth Core 5.4, vol. 6, part B, 4.5.2]
APART_S = 1e-6  # between two packets
SUPERVISION_S = 0.42  # of a link that both ends agreed on; Android's is 5 s, Apple allows 2 to 6 s


class Air(LocalLink):
    """Adapters join it with `link=air`. Everything in one loop."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.delay_s = 0.0  # of every data packet
        self.answers = True  # advertisers' answers to whoever scans are heard: mostly the name; radios often miss them
        self.longest = 0  # bytes of a data packet so far
        self.tap: Callable[[bytes], object] | None = None  # whoever listens in; radios keep nothing to themselves
        self._silent: set[Controller] = set()
        self._last = 0.0  # when the last packet arrives, in the loop's time

    def hush(self, adapter: Controller) -> None:
        """Nothing reaches it or leaves it, and nobody is told: a stack that hangs."""
        self._silent.add(adapter)

    def silence(self, adapter: Controller) -> None:
        """Power loss, or too far away: nobody hears it, and all its links end by supervision time-out."""
        self.hush(adapter)
        asyncio.get_running_loop().call_later(SUPERVISION_S, self._expire, adapter)

    def unsilence(self, adapter: Controller) -> None:
        """It is back."""
        self._silent.discard(adapter)

    def _expire(self, silent: Controller) -> None:
        for other in self.controllers:
            for connection in list(other.le_connections.values()):
                ends = {other, self.find_le_controller(connection.peer_address)}
                if silent in ends:
                    other.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def _heard(self, *adapters: Controller | None) -> bool:
        return all(adapters) and self._silent.isdisjoint(adapters)

    def send_acl_data(self, sender_controller: Controller, destination_address: hci.Address, transport: Any, data: bytes) -> None:
        """To the far end of a connection. The sender's address is the one that it connected from, not always its random one."""
        connection = sender_controller.le_connections.get(destination_address)
        target = self.find_le_controller(destination_address)
        self.longest = max(self.longest, len(data))
        if self.tap is not None:
            self.tap(data)
        if connection is not None and target is not None and self._heard(sender_controller, target):
            loop = asyncio.get_running_loop()
            # Two packets of one instant would come in any order, and half a packet first is no packet.
            self._last = at = max(loop.time() + self.delay_s, self._last + APART_S)
            loop.call_at(at, self._arrive, target, connection.self_address, transport, data)

    @staticmethod
    def _arrive(target: Controller, sender: hci.Address, transport: Any, data: bytes) -> None:
        if sender in target.le_connections:  # or the link ended while it was on its way
            target.on_link_acl_data(sender, transport, data)

    def send_advertising_pdu(self, sender_controller: Controller, packet: Any) -> None:
        """To everybody; who wants to connect is heard by whom it means."""
        if isinstance(packet, ll.ConnectInd):
            asyncio.get_running_loop().call_soon(self._connect, sender_controller, packet)
            return
        for other in self.controllers:
            if other is not sender_controller and self._heard(sender_controller, other):
                asyncio.get_running_loop().call_soon(other.on_ll_advertising_pdu, packet)

    def _connect(self, initiator: Controller, packet: ll.ConnectInd) -> None:
        """Of two that answer one advertisement the first is taken; the other learns it, where the library would leave it waiting."""
        target = self.find_le_controller(packet.advertiser_address)
        if target is not None and self._heard(initiator, target) and packet.initiator_address not in target.le_connections:
            target.on_ll_advertising_pdu(packet)
            if packet.initiator_address in target.le_connections:
                return
        asyncio.get_running_loop().call_later(UNHEARD_S, self._unheard, initiator, packet.advertiser_address)

    @staticmethod
    def _unheard(initiator: Controller, advertiser: hci.Address) -> None:
        connection = initiator.le_connections.get(advertiser)
        if connection is not None:
            initiator.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)

    def send_ll_control_pdu(self, sender_address: hci.Address, receiver_address: hci.Address, packet: Any) -> None:
        """To the far end of a connection, when it is there: to raise, as the library does, would leave a kernel waiting for ever."""
        target, sender = self.find_le_controller(receiver_address), self.find_le_controller(sender_address)
        if target is not None and self._heard(sender, target):
            asyncio.get_running_loop().call_soon(target.on_ll_control_pdu, sender_address, packet)


class Adapter(Controller):
    """An adapter on `air`, good enough for a real kernel's host stack."""

    def __init__(self, name: str, air: Air, source: Any = None, sink: Any = None, address: str | None = None) -> None:
        super().__init__(name, host_source=source, host_sink=sink, link=air, public_address=address)
        # The library says that it can do these, and then does not answer as a kernel expects.
        self.le_features &= ~(hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING)

    def on_advertising_pdu(self, pdu: Any) -> None:
        """Report an advertisement and what is told to whoever asks, which the library replaces by the advertisement once more."""
        if self.le_scan_enable and isinstance(pdu, ll.AdvInd):
            kind = hci.HCI_LE_Advertising_Report_Event.EventType
            for event, data in ((kind.ADV_IND, pdu.data), (kind.SCAN_RSP, self._answer_of(pdu.advertiser_address))):
                who = pdu.advertiser_address
                report = hci.HCI_LE_Advertising_Report_Event.Report(event, who.address_type, who, data, RSSI_DBM)
                self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def _answer_of(self, advertiser: hci.Address) -> bytes:
        assert isinstance(self.link, Air)
        found = self.link.find_le_controller(advertiser)
        return bytes(found.le_legacy_advertiser.scan_response_data) if found and self.link.answers else b""

    def on_hci_le_create_connection_cancel_command(self, command: Any) -> Any:
        """A cancelled connection ends with an event, which the library leaves out."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        told = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, told)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)
