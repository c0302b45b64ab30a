"""The board's three tasks on MicroPython's own asyncio, and one that fails: run by test_life. In the MicroPython subset."""

import asyncio

import life


class Broken:
    """In place of a link."""

    def __init__(self, word):
        self._word = word

    async def listen(self, hear):
        while not self._word:
            await asyncio.sleep_ms(5)
        await asyncio.sleep_ms(20)
        raise ValueError(self._word)

    async def live(self):
        await self.listen(None)


class Life:
    """In place of the board's."""

    turns = 0
    hear = None

    def __init__(self, cable, radio):
        self.cable = Broken(cable)
        self.radio = None if radio is None else Broken(radio)

    async def live(self, dog):
        while self.turns < 100:
            self.turns += 1
            await asyncio.sleep_ms(5)


for words in (("cable", ""), ("", "radio"), ("cable", None)):
    try:
        asyncio.run(life.together(Life(*words), None))
    except ValueError as error:
        print("ended by", error)
print("done")
