"""Kernel: what every wing shares and no domain word: Actor, Refusal, Record, catalogue, masking, seal."""
