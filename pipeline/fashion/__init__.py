"""What the product knows about clothes: colours, words, and how to read them."""
