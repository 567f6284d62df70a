"""Google Calendar and Google's OAuth."""
