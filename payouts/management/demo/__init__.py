"""The demo: made-up accounts, members and cases, for a machine on which nobody's real data are."""
