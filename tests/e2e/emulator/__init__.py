"""The emulator that `make e2e` deploys to, with what its makers left out; runs in build/e2e, not in .venv.

Everything here stands for AWS, nothing for Smart Invoice. See docs/how-to/test-a-deployment.md.
"""
