"""The pages under /field/: those of the agencies' investigators, made for a telephone."""
