"""How the bills are drawn: one module a layout, each as businesses of that country lay out their paper."""
