"""What is decided about agencies and their reports without a database."""
