"""The live view: a process of its own that shows a session and never touches it."""
