"""Kernel: what every wing shares and no domain word: Actor, Refusal, catalogue, masking, seal."""
