"""What a browser gets: GraphiQL and its assets, self-hosted."""
