"""What the person should know but need not act upon: the last few sentences, none twice in a row."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 20


class Notices:
    """`texts`: oldest first."""

    __slots__ = ("texts",)

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> None:
        """One more, unless it is what was said last."""
        if text not in self.texts[-1:]:
            self.texts.append(text)
            del self.texts[:-MOST]


def newer(before: Sequence[str], texts: Sequence[str]) -> Sequence[str]:
    """What of `texts` came after `before`, which may have lost its oldest since; said again counts."""
    shared = next(n for n in range(min(len(before), len(texts)), -1, -1) if list(before[len(before) - n :]) == list(texts[:n]))
    return texts[shared:]
