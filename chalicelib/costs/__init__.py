"""Prices, budgets and forecasts: what things cost, and what may still be spent. Pure."""
