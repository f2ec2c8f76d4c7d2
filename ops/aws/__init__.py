"""What the operators' commands ask of AWS. boto3 is imported here and nowhere else in `ops`."""
