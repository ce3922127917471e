"""The recipe form: its fields, phases and metadata columns."""
