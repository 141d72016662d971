"""What the assistant says: the guide's sections and topics, and the responses of domain.yml. Pure."""
