"""Files that are whole or absent, and locks that no process leaves behind."""
