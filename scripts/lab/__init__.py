"""A small overlay on loopback, and phones to try it with: shared by run, the end-to-end tests and bench."""
