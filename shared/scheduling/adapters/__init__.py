"""Everything that touches a vendor. Only `scheduling.wiring` imports from here."""
