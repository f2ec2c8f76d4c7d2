"""E-invoices: XML in the syntaxes of EN 16931 (CII and UBL) is read exactly, or refused."""
