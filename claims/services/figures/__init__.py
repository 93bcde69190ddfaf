"""The figures of the cases, computed from their rows when they are asked for: no table of them is kept."""
