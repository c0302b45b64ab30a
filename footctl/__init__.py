"""footctl: a controller for foot massagers with a warm-water basin."""

__version__ = "0.1.0"
