"""What of a prompt can be varied: demos, formats, structure, placement, phrases."""
