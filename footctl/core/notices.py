"""What the person should know but need not act upon: the last few sentences, none twice in a row."""

from __future__ import annotations

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
