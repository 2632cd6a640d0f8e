"""Stand-ins for services that tests cannot have: real servers on real sockets, as strict as the original."""
