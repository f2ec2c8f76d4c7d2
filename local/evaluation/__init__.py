"""How right the product is: documents with known answers in, measures and explanations out. Not deployed."""
