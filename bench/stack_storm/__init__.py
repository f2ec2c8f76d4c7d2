"""Hundreds of documents through the local stack, while events, services and the whole process fail; then an audit."""
