"""Smart Invoice: invoices in, checked and structured data out."""
