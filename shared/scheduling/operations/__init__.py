"""What runs without a user: the reconciler, and the work of the operator's command."""
