"""Everything kept in the one DynamoDB table."""
