"""Sample documents of invented companies, what they must give, and the script that makes both."""
