"""What the tests stand on: small, real implementations, no mocks."""
