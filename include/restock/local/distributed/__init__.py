"""The services of docker-compose.yaml as processes of this machine: what production runs, without containers."""
