"""What everything rests on: errors, configuration, time, text, ids, the message catalogue."""
