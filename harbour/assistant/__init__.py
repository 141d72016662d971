"""All that touches Rasa: graph components, the input channel, the launcher, evaluation."""
