"""The life of a booking: book, hold, reschedule, cancel, recover, follow up."""
