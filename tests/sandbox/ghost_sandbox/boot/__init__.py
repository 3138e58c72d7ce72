"""Boots instances: disks, machines, and the small init that runs as the first process of each."""
