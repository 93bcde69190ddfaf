"""What is typed: at the desk, and on the investigators' pages."""
