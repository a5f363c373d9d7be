"""Settings: `base` holds what is the same everywhere; development, test and production differ from it."""
