"""KMS, Parameter Store and CloudFormation."""
