"""One page for a clinician: a session, or some weeks. HTML that opens without a network, needs no script, and prints on two pages."""
