"""Letters: what phones send, kept first, judged second, answered last."""
