"""What developers and operators do with a deployment: `python -m ops …`. Nothing here is deployed."""
