"""What the tests stand on: the plain implementation, small models and checkpoints, servers, processes to be killed."""
