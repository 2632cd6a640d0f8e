"""Matrix: end-to-end encrypted, and never deaf. The traps of matrix-nio and how each is mended: see README.md."""
