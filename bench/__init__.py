"""The figures: how fast, against what, in ratios of interleaved runs. Each module is one row or a few and runs alone, too."""
