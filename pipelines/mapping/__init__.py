"""What a source system calls its columns and codes, and which layout a file has."""
