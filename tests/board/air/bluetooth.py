"""As much of `bluetooth` as the board uses."""


class UUID:
    def __init__(self, text):
        if len(text) != 36:
            raise ValueError("no UUID")
        self.text = text
