"""Pure rules: what is offered, what a step makes of a booking, what an invite says."""
