"""The networks of Nielsen's book "Neural networks and deep learning", a file a chapter."""
