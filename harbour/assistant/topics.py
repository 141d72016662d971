"""Which topic a message is about: two experts over all leaf topics, in one graph component.

Expert one reads the sentence encoder's features, expert two the words and characters; the
geometric mean of their probabilities is better than either (docs/decisions/0003). A leaf is
`faq/dose_duration`, `beyond/pregnancy`, `greet`, `suicide_risk`, ...: the component fills the
intent for its first part and, for `faq` and `beyond`, the output that Rasa expects of a response
selector.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from harbour.assistant.encoder import Encoder, encoder_hash
from harbour.assistant.experts import TopicModel
from harbour.safety.signs import SAFETY_IDS
from harbour.text.clean import clean
from harbour.text.lexicon import load_lexicon

logger = logging.getLogger(__name__)
RANKED = 10
PART_SPEAKS, PART_COUNTS = 0.90, 0.30  # a sentence's likelihood of danger, and what it makes of a message's
_BREAK = re.compile(
    r"[.!?;]+\s+|\s+(?:and|also|plus|anyway)\s+(?=(?:how|what|when|where|why|does|do|can|is|will|should)\b)"
)
PASSAGE = 60  # words; of a text longer than half as much again the parts are read too
NOT_LEARNT = ("country",)  # set by harbour.assistant.places; its examples are there for Rasa's own checks
BUTTON = re.compile(r"^/(?:press/)?((?:[a-z_]+/)?[a-z0-9_]+)$")


def pressed(text: str) -> str:
    """What a pressed button of ours names: `faq/dose_duration`, `thank`, `emergency_overdose/no_naloxone`; or "".

    Typed text never begins with a slash (see clean.defuse). Rasa would read `/thank` by itself and pass the
    safety screen by, so turns.py sends it as `/press/thank`.
    """
    match = BUTTON.match(text)
    return match[1] if match else ""


def readable(text: str) -> str:
    """The text as both experts read it: cleaned, lower case, slang in standard words."""
    return load_lexicon().standardise(clean(text))


def passages(text: str) -> list[str]:
    """A long text in overlapping parts of PASSAGE words; none for a text that is read whole."""
    words = text.split()
    if len(words) <= PASSAGE * 3 // 2:
        return []
    starts = range(0, len(words) - PASSAGE // 2, PASSAGE // 2)
    return [" ".join(words[start : start + PASSAGE]) for start in starts]


def sentences(text: str) -> list[str]:
    """The sentences of a text and the questions that are joined to them, if there are several of three words or more."""
    parts = [part.strip() for part in _BREAK.split(text) if len(part.split()) >= 3]
    return parts if len(parts) > 1 else []


def response_selector(leaf: str, confidence: float) -> dict[str, Any]:
    """Rasa's response selector output that picks `utter_<leaf>` for a retrieval leaf."""
    intent = leaf.split("/")[0]
    choice = {
        "responses": [],
        "confidence": confidence,
        "intent_response_key": leaf,
        "utter_action": f"utter_{leaf}",
    }
    ranking = [{"confidence": confidence, "intent_response_key": leaf}]
    return {"all_retrieval_intents": ["beyond", "faq"], intent: {"response": choice, "ranking": ranking}}


def intent_ranking(leaves: list[tuple[str, float]]) -> list[dict[str, Any]]:
    """The leaves' probabilities as intents, each intent with its best leaf, best first."""
    best: dict[str, float] = {}
    for leaf, probability in leaves:
        best.setdefault(leaf.split("/")[0], probability)
    return [{"name": name, "confidence": probability} for name, probability in best.items()]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent):
    """Sets `intent`, `intent_ranking`, `response_selector`, `topic_ranking` and `probabilities`; for the
    safety screen also `dangers` (likelihood of each) and `other` (likelihood that it is somebody else's)."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`encoder_weight`: share of the encoder's expert in the mean, 0 to 1; `seed`: for training."""
        return {"encoder_weight": 0.5, "seed": 20}

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self.storage = storage
        self.resource = resource
        self.model: TopicModel | None = None
        self.encoder: Encoder | None = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.model = TopicModel.load(folder)
        if component.model.encoder_hash != encoder_hash():
            raise RuntimeError("The model was trained with another sentence encoder. Run `make train`.")
        component.encoder = Encoder(threads=1)
        threadpool_limits(limits=1)  # one message is too little work to share: threads would only wait
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Train both experts on every example with an intent and keep them as plain arrays."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT) not in NOT_LEARNT]
        texts = [readable(m.get(TEXT)) for m in examples]
        leaves = [m.get(INTENT_RESPONSE_KEY) or m.get(INTENT) for m in examples]
        features = Encoder(threads=2).features(texts)
        self.model = TopicModel.train(
            texts,
            features,
            leaves,
            about=[((m.get(METADATA) or {}).get(METADATA_INTENT) or {}).get("about", "") for m in examples],
            encoder_weight=self.config["encoder_weight"],
            seed=self.config["seed"],
            encoder_hash=encoder_hash(),
        )
        with self.storage.write_to(self.resource) as folder:
            self.model.save(folder)
        return self.resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Label the messages; a pressed button of ours names its leaf itself."""
        assert self.model is not None and self.encoder is not None
        for message in messages:
            text = message.get(TEXT) or ""
            button = pressed(text)
            leaf = button if button in self.model.leaves else button.split("/")[0]  # a step's button: its danger
            if leaf in self.model.leaves:
                self._label(message, {leaf: 1.0})
                continue
            words = readable(text)
            features = self.encoder.features([words])
            self._label(message, self.model.probabilities([words], features)[0])
            message.set("other", float(self.model.other(features)[0]))
            message.set("dangers", self._dangers(message, words), add_to_output=True)
        return messages

    def _dangers(self, message: Message, words: str) -> dict[str, float]:
        """How likely each danger is: in a long story where it stands out most; where one sentence of a short message
        speaks of danger and the whole does not, likely enough to ask about."""
        assert self.model is not None and self.encoder is not None
        whole = {id: message.get("probabilities").get(id, 0.0) for id in SAFETY_IDS}
        long = passages(words)
        parts = long or sentences(words)
        if not parts:
            return whole
        rows = self.model.probabilities(parts, self.encoder.features(parts))
        most = max(({id: row.get(id, 0.0) for id in SAFETY_IDS} for row in rows), key=lambda row: sum(row.values()))
        if long:
            return max(whole, most, key=lambda row: sum(row.values()))
        if sum(most.values()) < PART_SPEAKS or sum(whole.values()) >= PART_COUNTS:
            return whole
        return {id: chance * PART_COUNTS / sum(most.values()) for id, chance in most.items()}

    @staticmethod
    def _label(message: Message, probabilities: dict[str, float]) -> None:
        ranking = sorted(probabilities.items(), key=lambda item: -item[1])
        leaf, confidence = ranking[0]
        intents = intent_ranking(ranking)
        message.set("intent", intents[0], add_to_output=True)
        message.set("intent_ranking", intents[:RANKED], add_to_output=True)
        message.set("topic_ranking", [{"name": n, "confidence": p} for n, p in ranking[:RANKED]], add_to_output=True)
        message.set("probabilities", probabilities)
        if "/" in leaf:
            message.set("response_selector", response_selector(leaf, confidence), add_to_output=True)
