"""The protocol's version and the rule that says who may talk to whom.

The major number must match. A higher minor number only adds messages, or fields at the end of a message;
both ends ignore what they do not know.
"""

MAJOR = 1
MINOR = 1


def compatible(major: int) -> bool:
    """True when a peer that speaks protocol `major` can be talked to."""
    return major == MAJOR
