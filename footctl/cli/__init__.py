"""The composition root: one module a command group; the only room that may import everything."""
