"""What happens when things break: the real process, on a real database, killed, starved, lied to and cut off."""
