"""What the product does: seven stages from a garment to finished images."""
