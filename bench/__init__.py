"""Speed and accuracy beside stock Rasa."""
