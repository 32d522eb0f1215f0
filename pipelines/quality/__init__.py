"""What is wrong with data that is already loaded."""
