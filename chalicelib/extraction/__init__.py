"""Words on pages → candidates → one invoice. Pure: no network, no files but the lexicons."""
