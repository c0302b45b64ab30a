"""Does a device keep to PROTOCOL.md? Checks that know that page and nothing else, and what came of them."""
