"""An AWS-shaped cloud on one machine, which boots what is launched."""
