"""How the samples are made: invented invoices as data, layouts that draw them, and what they must give."""
