"""How compiling stops at what is PromQL, but not evaluated here."""


class UnsupportedError(Exception):
    """Raised inside this package only: callers of `compile` get an `Unsupported`.

    Args:
        reason: one sentence without a full stop.
        position: counted in characters from 0.
    """

    def __init__(self, reason: str, position: int) -> None:
        self.reason = reason
        self.position = position
        super().__init__(reason)
