"""What no single file can know about itself: whether its parts, and the code, fit together."""
