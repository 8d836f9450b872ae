"""What the benchmarks share: a server of their own, a client, and how figures are printed."""
