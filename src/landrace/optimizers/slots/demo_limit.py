"""The limit on the examples of what a search makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.schemas.candidate import Candidate


def limited(candidate: Candidate, most: int) -> Candidate:
    """The candidate with at most ``most`` examples in a node, the later ones; itself if it has no
    more.

    What is served, or another model's winner, may show more, and what is made of it begins so.
    """
    cut = {
        node: slots.model_copy(update={"demos": slots.demos[len(slots.demos) - most :]})
        for node, slots in candidate.nodes.items()
        if len(slots.demos) > most
    }
    if not cut:
        return candidate
    return candidate.model_copy(update={"nodes": {**candidate.nodes, **cut}})
