"""The project database: schema, connections, label journal, classes, settings."""
