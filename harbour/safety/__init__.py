"""What a message says about danger. Pure: no Rasa, no web framework; both sides run it."""
