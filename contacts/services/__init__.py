"""Every write to contacts; import from here."""
