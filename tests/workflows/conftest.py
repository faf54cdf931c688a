"""Puts this folder on the path, so that the worlds in it can be shared by those below."""
