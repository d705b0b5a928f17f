"""The studio: a web server on this machine that shows what networks do while they learn."""
