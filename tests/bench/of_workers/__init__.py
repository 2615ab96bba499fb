"""What the worker benchmark measures, a file for each group of rows."""
