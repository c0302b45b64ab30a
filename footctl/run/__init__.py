"""The rim: sessions in real time, clocks, presets, records, the control socket."""
