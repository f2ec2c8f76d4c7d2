"""The words of the field as values: documents, pages, candidates, invoices, findings, jobs. Pure and frozen."""
