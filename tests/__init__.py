"""What Handrail promises, tried."""
