"""Ways to ask a model. Kept empty: importing a seam must not import litellm."""
