"""Reads prompts/, pipelines/ and registry/; writes atomically and sorted."""
