"""The live view as a Textual app: panes that draw rows of text, laid out for 80 columns and 24 lines, or more.

It gets snapshots and draws them. It reads no key, asks the terminal nothing, and has no way to the session.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.driver import Driver
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from footctl.screens.live import drawing, panels
from footctl.screens.live.drawing import Row, changed, fitted
from footctl.screens.live.history import History
from footctl.screens.live.panels import Scene
from footctl.screens.live.wire import Opening, Snapshot
from footctl.screens.units import Units

SILENT_S = 2.0  # without a word from the session, what is shown is no longer how things are
NOW_MOST = 7  # rows of the part that says what is on
STYLES = {
    drawing.PLAIN: Style(),
    drawing.STRONG: Style(bold=True),
    drawing.FAINT: Style(dim=True),
    drawing.GOOD: Style(color="green"),
    drawing.WARN: Style(color="yellow", bold=True),
    drawing.BAD: Style(color="red", bold=True),
    drawing.WATER: Style(color="cyan", bold=True),
    drawing.PRESS: Style(color="magenta", bold=True),
    drawing.BAR: Style(reverse=True),
}
Draw = Callable[[Scene, int, int], list[Row]]


class Pane(Widget):
    """Rows of text. Only the letters that changed are drawn again: on a slow line nothing else counts."""

    def __init__(self, name: str, draw: Draw) -> None:
        super().__init__(id=name)
        self.can_focus = False
        self._draw = draw
        self._rows: list[Row] = []

    def put(self, scene: Scene | None) -> None:
        """Draw what is new."""
        wide, high = self.size
        if scene is None or not wide or not high or not self.display:
            return
        self.show(self._draw(scene, wide, high))

    def show(self, rows: list[Row]) -> None:
        """These rows, from the top."""
        before, self._rows = self._rows, rows
        wide = self.size.width
        for y in range(max(len(before), len(rows))):
            old, new = before[y] if y < len(before) else [], rows[y] if y < len(rows) else []
            if old != new:
                start, end = changed(old, new, wide)
                if end:
                    self.refresh(Region(start, y, end - start, 1))

    def render_line(self, y: int) -> Strip:
        wide = self.size.width
        row = fitted(self._rows[y], wide) if y < len(self._rows) else [(" " * wide, drawing.PLAIN)]
        return Strip([Segment(text, STYLES[mark]) for text, mark in row if text], wide)


class Live(App[None]):
    """The screen. `take` gives it the next snapshot."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    Pane { background: ansi_default; }
    #title, #keys { height: 1; }
    #now { height: 2; padding: 0 1; }
    #body { height: 1fr; padding: 0 1; }
    #left { width: 30; margin: 0 2 0 0; }
    #right { width: 1fr; }
    #phases { height: 1fr; }
    #feet { height: 9; }
    #water { height: 1fr; min-height: 5; }
    #bars { height: 3; margin: 1 0 0 0; }
    #events { height: 5; margin: 1 0 0 0; }
    #page { height: 1fr; padding: 0 1; display: none; }
    """

    def __init__(self, opening: Opening, driver: type[Driver] | None = None, wall: Callable[[], float] = time.time) -> None:
        super().__init__(driver_class=driver, ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.opening = opening
        self.scene: Scene | None = None
        self.ready = False
        self.heard_at = time.monotonic()
        self._wall = wall
        self._history = History()
        self._units = Units(opening.units)
        self._told = Snapshot()
        self._ended_wall: float | None = None

    def compose(self) -> ComposeResult:
        """The parts, from the top."""
        yield Pane("title", panels.title)
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Pane("phases", panels.phases)
                yield Pane("feet", panels.feet)
            with Vertical(id="right"):
                yield Pane("water", panels.water)
                yield Pane("bars", panels.bars)
                yield Pane("events", panels.events)
        yield Pane("page", self._page)
        yield Pane("now", self._now)
        yield Pane("keys", panels.keys)

    def on_mount(self) -> None:
        """The clock on the wall goes on when the session does not."""
        self.ready = True
        self.set_interval(1.0, self._tick)

    def on_resize(self) -> None:
        """Everything has another size now."""
        self.call_after_refresh(self.draw)

    def take(self, told: Snapshot) -> None:
        """Show `told`."""
        self.heard_at = time.monotonic()
        self._told = told
        if told.view is not None:
            self._history.see(told.view)
        self.draw()

    def draw(self) -> None:
        """Draw what is known."""
        view = self._told.view
        if view is None or not self.ready:
            return
        wall = self._wall()
        if view.outcome is not None and self._ended_wall is None:
            self._ended_wall = wall
        told, ended = self._told, self._ended_wall
        self.scene = Scene(view, self._history, self._units, self.opening.speed, told.asking, told.lines, told.noted, wall, ended)
        self._arrange(self.scene)
        for pane in self.query(Pane):
            pane.put(self.scene)

    def _arrange(self, scene: Scene) -> None:
        """Which parts are there, and how high the one is that speaks."""
        wide, high = self.size
        whole = panels.page(scene, wide - 2, high, self._helping) is not None
        body, page, speaking = self.query_one("#body"), self.query_one("#page"), self.query_one("#now", Pane)
        if page.display != whole:
            page.display, body.display = whole, not whole
            self.query_one("#page", Pane).show([])  # what it said the last time is not so any more
            self.call_after_refresh(self.draw)
        rows = max(2, min(NOW_MOST, len(self._now(scene, wide - 2, NOW_MOST))))
        if speaking.styles.height is None or speaking.styles.height.value != rows:
            speaking.styles.height = rows
            self.call_after_refresh(self.draw)

    @property
    def _helping(self) -> Sequence[str] | None:
        return self.opening.help_lines if self._told.helping else None

    def _page(self, scene: Scene, wide: int, high: int) -> list[Row]:
        return panels.page(scene, wide, high, self._helping) or []

    def _now(self, scene: Scene, wide: int, high: int) -> list[Row]:
        silent = time.monotonic() - self.heard_at
        if silent > SILENT_S and scene.view.outcome is None:
            words = f"no word from the session for {silent:.0f} s: what you see is old; the device lets go by itself"
            return drawing.wrapped(words, wide, drawing.BAD)
        return panels.now(scene, wide, high)

    def _tick(self) -> None:
        """Once a second: the countdown after the end, and whether the session still speaks."""
        view = self._told.view
        if view is not None and (view.outcome is not None or time.monotonic() - self.heard_at > SILENT_S):
            self.draw()


