"""Pages by other services: against real sockets, and on the whole program."""
