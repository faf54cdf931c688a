"""The loader: finds a pin, verifies it, renders it. Standard library, and jinja2 when needed."""
