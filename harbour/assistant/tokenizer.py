"""spaCy's English tokenizer as a Rasa component, after Unicode clean-up."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from harbour.text.clean import clean
from harbour.text.words import english


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class HarbourTokenizer(Tokenizer):
    """Tokens of the cleaned text, with spaCy's norm as lemma ("nt" -> "not")."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Rasa's tokenizer settings; intents are not split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        doc = english()(clean(message.get(attribute)))
        return [Token(token.text, token.idx, lemma=token.norm_) for token in doc if not token.is_space]
