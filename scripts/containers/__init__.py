"""The Dockerfiles built, and the compose file run, on a machine without a Docker engine and without a registry."""
