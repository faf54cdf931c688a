"""What is served now against the scores that it had when somebody blessed them."""
