"""Who is behind which load balancer: what Auto Scaling asks of the balancers."""


class Balancing:
    """Classic load balancers and target groups by instance. Its methods are called with state.lock held."""

    def __init__(self, cloud):
        self.cloud = cloud

    def register(self, instance_id, target_group_arns=(), load_balancer_names=()):
        """Adds the instance, at each target group's own port; one that is in already stays as it is."""

    def deregister(self, instance_id, target_group_arns=(), load_balancer_names=()):
        """Begins to drain it; returns in how many seconds the last of them lets it go, 0 when none has it."""
        return 0.0

    def is_healthy(self, instance_id, target_group_arns=(), load_balancer_names=()):
        """Whether every one of them sends it traffic."""
        return True
