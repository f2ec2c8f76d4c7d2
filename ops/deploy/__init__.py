"""Deploying, taking back, listing and removing deployments: `ops deploy`, `rollback`, `deploys`, `destroy`."""
