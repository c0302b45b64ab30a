"""Preset programs, one TOML file each. Data only."""
