"""The use cases of a case, one module a trade; each opens the gate, or takes a case that is open already."""
