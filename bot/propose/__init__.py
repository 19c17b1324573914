"""Everything that writes candidates, and the one engine that applies edits."""
