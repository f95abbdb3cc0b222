"""Every read of contacts; import from here."""
