"""What is said in the chat: composing, the outbox that delivers, and the .ics files."""
