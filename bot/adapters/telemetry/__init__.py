"""What the bot tells of itself, by OpenTelemetry: the only rooms that know it. Switched off, none is imported."""
