"""A small HTTP server that stands in for the platforms' APIs: for the demo shop and for tests only."""
