"""From a profile, a diff or a sentence to ranked targets."""
