"""Rasa custom actions: one thin file each, over the pure decisions of `harbour`."""
