"""Image models at Replicate, through its SDK."""
