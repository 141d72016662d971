"""Text as visitors type it, made fit to be understood. Pure: no Rasa, no web framework."""
