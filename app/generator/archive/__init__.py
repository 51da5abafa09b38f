"""Archives built from pieces that were made independently, in any order, on any machine."""
