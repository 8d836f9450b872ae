"""What a garment photo shows, read on the CPU without a network."""
