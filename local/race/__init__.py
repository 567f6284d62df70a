"""`make race`: many guests at one slot, with every promise checked."""
