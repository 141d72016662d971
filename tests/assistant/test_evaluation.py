"""`harbour evaluate`: reading the messages, putting them to the assistant, the figures."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest

from harbour.assistant.evaluation import Case, Evaluation, EvaluationError, measure, read_cases
from harbour.assistant.figures import ASKED_BACK, Confusion, Outcome, Share, evaluate, observed
from harbour.assistant.turns import Reply, Request, Turn


def turn(
    topics: list[str],
    *,
    intent: str = "faq",
    alarms: dict[str, str] | None = None,
    checks: dict[str, str] | None = None,
    ranking: list[str] | None = None,
    buttons: list[str] | None = None,
) -> Turn:
    """A turn with these topics; `alarms` and `checks` map safety ids to whom they are about."""
    risk = [{"id": id, "about": who, "level": "alarm"} for id, who in (alarms or {}).items()]
    risk += [{"id": id, "about": who, "level": "check"} for id, who in (checks or {}).items()]
    offered = [{"title": b, "payload": b} for b in buttons or []]
    return Turn([Reply("utter", "text", offered, "", "answer")], topics, intent, risk, {}, "GB", ranking or topics)


class FakeAssistant:
    """Says what it was given for each text; remembers who it talked to and forgot."""

    def __init__(self, turns: dict[str, Turn]) -> None:
        self.turns = turns
        self.asked: list[Request] = []
        self.forgotten: list[str] = []

    async def turn(self, request: Request) -> Turn:
        assert len(self.asked) == len(self.forgotten), "the last conversation was not forgotten"
        self.asked.append(request)
        return self.turns[request.text]

    async def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)


def measured(pairs: list[tuple[Case, Turn]]) -> Evaluation:
    assistant: Any = FakeAssistant({case.say: turn for case, turn in pairs})
    return asyncio.run(measure(assistant, [case for case, _ in pairs]))


@pytest.fixture
def hand_made() -> Evaluation:
    """Ten messages whose figures can be counted on fingers."""
    dosage, liver = "dosage", "liver"
    return measured(
        [
            (Case("a", "naltrexone_what"), turn(["naltrexone_what"])),
            (
                Case("b", "naltrexone_what"),
                turn(["naltrexone_cure"], ranking=["naltrexone_cure", dosage, "naltrexone_what"]),
            ),
            (
                Case("c", "naltrexone_cure"),
                turn(
                    ["naltrexone_cure", dosage, liver],
                    intent="nlu_fallback",
                    buttons=["/faq/naltrexone_cure", "/beyond/dosage", "/beyond/liver"],
                ),
            ),
            (
                Case("d", "naltrexone_cure", forbidden="suicide_risk"),
                turn(
                    ["suicide_risk"],
                    intent="suicide_risk",
                    alarms={"suicide_risk": "self"},
                    ranking=["suicide_risk", dosage, liver, "naltrexone_cure"],
                ),
            ),
            (Case("e", dosage), turn([dosage], intent="beyond", checks={"drug_seeking": "self"})),
            (Case("f", "out_of_scope"), turn(["out_of_scope"], intent="out_of_scope")),
            (Case("g", "out_of_scope"), turn([dosage, liver], intent="nlu_fallback", buttons=["/beyond/dosage"])),
            (Case("h", "greet"), turn(["out_of_scope"], intent="out_of_scope", ranking=["greet"])),
            (
                Case("i", "emergency_overdose", about="other"),
                turn(["emergency_overdose"], intent="emergency_overdose", alarms={"emergency_overdose": "other"}),
            ),
            (
                Case("j", "suicide_risk", about="other"),
                turn(["greet"], intent="greet", checks={"suicide_risk": "self"}),
            ),
        ]
    )


def test_accuracy_counts_the_first_topic_and_never_an_answer_that_asks_back(hand_made: Evaluation) -> None:
    """Asking back is no answer, even when the likeliest topic is the right one."""
    assert hand_made.faq_accuracy == Share(1, 4)
    assert hand_made.accuracy == Share(4, 10)
    assert hand_made.groups == {
        "faq": Share(1, 4),
        "beyond": Share(1, 1),
        "chat": Share(0, 1),
        "safety": Share(1, 2),
        "out_of_scope": Share(1, 2),
    }


def test_top_three_comes_from_the_ranking_whatever_was_done_then(hand_made: Evaluation) -> None:
    """The right topic third in the ranking counts, fourth does not."""
    assert hand_made.faq_top3 == Share(3, 4)


def test_asking_back_is_counted_with_what_was_offered(hand_made: Evaluation) -> None:
    """The right topic on a button helps; a fallback without it does not."""
    assert hand_made.asked_back == Share(2, 10)
    assert hand_made.asked_back_right == Share(1, 2)
    assert hand_made.faq_helped == Share(2, 4)


def test_precision_recall_and_f1_of_a_topic(hand_made: Evaluation) -> None:
    """Precision over what was answered so, recall over what was about it."""
    scores = {score.topic: score for score in hand_made.topics}
    what, cure = scores["naltrexone_what"], scores["naltrexone_cure"]
    assert (what.precision, what.recall, what.support) == (Share(1, 1), Share(1, 2), 2)
    assert what.f1 == pytest.approx(2 / 3)
    assert (cure.precision, cure.recall, cure.f1) == (Share(0, 1), Share(0, 2), 0)
    assert math.isnan(scores["liver"].f1)
    assert scores["liver"].support == 0


def test_out_of_scope_has_precision_and_recall(hand_made: Evaluation) -> None:
    """A greeting that is declined costs precision, a fallback costs recall."""
    assert hand_made.out_of_scope.precision == Share(1, 2)
    assert hand_made.out_of_scope.recall == Share(1, 2)


def test_mean_f1_leaves_out_topics_without_messages(hand_made: Evaluation) -> None:
    """what 2/3, cure 0, dosage 1, greet 0, out of scope 1/2, overdose 1, suicide risk 0."""
    assert hand_made.macro_f1 == pytest.approx((2 / 3 + 0 + 1 + 0 + 1 / 2 + 1 + 0) / 7)


def test_dangers_are_seen_by_alarm_or_check_and_recalled_by_alarm(hand_made: Evaluation) -> None:
    """A check is seen but is no alarm."""
    scores = {score.id: score for score in hand_made.dangers}
    assert scores["suicide_risk"].seen == Share(1, 1)
    assert scores["suicide_risk"].alarm == Share(0, 1)
    assert scores["emergency_overdose"].alarm == Share(1, 1)
    assert (hand_made.danger.seen, hand_made.danger.alarm, hand_made.danger.any_alarm) == (
        Share(2, 2),
        Share(1, 2),
        Share(1, 2),
    )
    assert hand_made.about == Share(1, 2)


def test_another_danger_alarmed_is_any_alarm_but_not_the_right_one() -> None:
    """An overdose taken for an urgent illness is an alarm, not its own."""
    result = measured([(Case("a", "emergency_overdose"), turn(["medical_urgent"], alarms={"medical_urgent": "self"}))])
    assert (result.danger.seen, result.danger.alarm, result.danger.any_alarm) == (Share(0, 1), Share(0, 1), Share(1, 1))


def test_false_alarms_on_traps_and_on_ordinary_messages(hand_made: Evaluation) -> None:
    """Dangers are neither; traps and ordinary messages are counted apart."""
    assert hand_made.traps_imitated == Share(1, 1)
    assert hand_made.traps_alarmed == Share(1, 1)
    assert hand_made.ordinary_alarmed == Share(0, 7)
    assert hand_made.ordinary_checked == Share(1, 7)


def test_a_trap_that_is_another_danger_may_raise_its_own_alarm() -> None:
    """A relapse that looks like an overdose: the relapse's alarm is true, a check of another is not."""
    case = Case("a", "relapse_disclosure", forbidden="emergency_overdose")
    result = measured(
        [(case, turn(["relapse_disclosure"], alarms={"relapse_disclosure": "self"}, checks={"suicide_risk": "self"}))]
    )
    assert (result.traps_imitated, result.traps_alarmed, result.traps_checked) == (
        Share(0, 1),
        Share(0, 1),
        Share(1, 1),
    )


def test_confusions_come_most_frequent_first_with_three_examples() -> None:
    """Four of one kind before one of another; three of the four are shown."""
    outcomes = [Outcome(Case(f"say {i}", "dosage"), "liver") for i in range(4)]
    outcomes += [Outcome(Case("else", "alcohol"), ASKED_BACK), Outcome(Case("fine", "liver"), "liver")]
    assert evaluate(outcomes).confusions == (
        Confusion("dosage", "liver", 4, ("say 0", "say 1", "say 2")),
        Confusion("alcohol", ASKED_BACK, 1, ("else",)),
    )


def test_time_is_given_in_milliseconds_at_the_50th_and_99th_percentile() -> None:
    """Of 1 to 101 ms the middle is 51 and the 99th percentile 100."""
    result = evaluate([Outcome(Case("a", "greet"), "greet", seconds=i / 1000) for i in range(1, 102)])
    assert result.p50_ms == pytest.approx(51)
    assert result.p99_ms == pytest.approx(100)


def test_each_case_is_a_conversation_of_its_own_and_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    """No case hears what came before, and progress goes to standard error."""
    assistant: Any = FakeAssistant({"a": turn(["greet"]), "b": turn(["greet"])})
    asyncio.run(measure(assistant, [Case("a", "greet"), Case("b", "greet")]))
    conversations = [request.conversation for request in assistant.asked]
    assert len(set(conversations)) == 2
    assert assistant.forgotten == conversations
    printed = capsys.readouterr()
    assert "2 of 2 messages" in printed.err
    assert printed.out == ""


def test_an_empty_turn_is_no_answer() -> None:
    """A blank message has no topic: it counts as asked back."""
    assert observed(Case("a", "greet"), turn([], intent=""), 0.0).answered == ASKED_BACK


def test_the_ranking_is_not_sent_over_the_channel() -> None:
    """It is for evaluation: the channel's answer stays as the contract has it."""
    assert set(turn(["greet"]).as_dict()) == {"replies", "topics", "intent", "risk", "context", "country"}


def test_measuring_nothing_is_an_error() -> None:
    """No cases: said in one sentence, not by a division by zero."""
    with pytest.raises(EvaluationError, match="no messages"):
        measured([])


def test_yaml_and_json_lines_give_the_same_cases(tmp_path: Path) -> None:
    """`not` and `trap_for`, `say` and `text` are the same thing."""
    (tmp_path / "a.yml").write_text(
        '- say: "hi"\n  expect: {topic: greet}\n- say: hm\n  expect: {topic: liver, about: other, not: suicide_risk}\n'
    )
    (tmp_path / "b.jsonl").write_text(
        '{"text": "hi", "topic": "greet", "voice": "anyone"}\n\n{"text": "hm", "topic": "liver", "about": "other", "trap_for": "suicide_risk"}\n'
    )
    cases = read_cases([tmp_path])
    told = [(c.say, c.topic, c.about, c.forbidden) for c in cases]
    assert told[:2] == [("hi", "greet", "", ""), ("hm", "liver", "other", "suicide_risk")]
    assert told[2:] == told[:2]
    assert [c.source.removeprefix(str(tmp_path)) for c in cases] == [
        "/a.yml, entry 1",
        "/a.yml, entry 2",
        "/b.jsonl, entry 1",
        "/b.jsonl, entry 3",
    ]


def test_the_projects_own_messages_can_be_read() -> None:
    """tests/content/ covers every group."""
    cases = read_cases([Path(__file__).parents[1] / "content"])
    assert {Outcome(case, "").group for case in cases} == {"faq", "beyond", "chat", "safety", "out_of_scope"}


BAD = [
    (
        "a.yml",
        "- say: hi\n  expect: {topic: liverr}\n",
        r"a\.yml, entry 1: topic 'liverr' is unknown: did you mean liver\?",
    ),
    (
        "a.yml",
        "- say: hi\n  expect: {topic: greet}\n- say: hi\n  expect: {}\n",
        r"a\.yml, entry 2: topic is missing: write the id",
    ),
    ("a.yml", "- say: no\n  expect: {topic: deny}\n", r"entry 1: say is read as False, not as text: put it in quotes"),
    ("a.yml", "- expect: {topic: deny}\n", r"entry 1: say is missing: write"),
    ("a.yml", "- say: ' '\n  expect: {topic: deny}\n", r"entry 1: say is empty: write"),
    ("a.yml", "- say: hi\n", r"entry 1: write `say: …` and below it `expect"),
    ("a.yml", "- say: hi\n  expect: {topic: greet, note: x}\n", r"entry 1: unknown key 'note': use topic, about, not"),
    (
        "a.yml",
        "- say: hi\n  expect: {topic: greet, about: him}\n",
        r"entry 1: about 'him' is unknown: write self or other",
    ),
    (
        "a.yml",
        "- say: hi\n  expect: {topic: greet, not: liver}\n",
        r"entry 1: 'liver' is no danger: use one of emergency_overdose",
    ),
    (
        "a.yml",
        "- say: hi\n  expect: {topic: [greet]}\n",
        r"entry 1: topic \['greet'\] is unknown: did you mean greet\?",
    ),
    ("a.yml", "say: hi\n", r"a\.yml: not a list: begin each entry with"),
    ("a.yml", "- say: a: b\n", r"a\.yml, line 1: not YAML \(.*\): mend the line"),
    ("a.yml", "", r"no messages in it"),
    ("a.jsonl", '{"text": "hi", "topic": "greet"}\n{"text": \n', r"a\.jsonl, entry 2: not JSON .*: mend the line"),
    ("a.jsonl", '["hi"]\n', r"a\.jsonl, entry 1: not a JSON object: write"),
    ("a.jsonl", '{"topic": "greet"}\n', r"entry 1: text is missing: write"),
    ("a.txt", "hi", r"a\.txt is neither \.yml nor \.jsonl: rename it"),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD)
def test_a_bad_entry_is_named_with_its_remedy(tmp_path: Path, name: str, text: str, message: str) -> None:
    """File, entry, what is wrong and what to do, in one sentence."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message) as caught:
        read_cases([tmp_path / name])
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is an error, not an empty result."""
    with pytest.raises(EvaluationError, match="gone.yml does not exist: name a file"):
        read_cases([tmp_path / "gone.yml"])


def test_a_folder_without_messages_is_named(tmp_path: Path) -> None:
    """A wrong folder is an error, not an empty result."""
    with pytest.raises(EvaluationError, match="holds no .yml or .jsonl file"):
        read_cases([tmp_path])


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    """The byte and the remedy are said."""
    (tmp_path / "a.yml").write_bytes(b"- say: caf\xe9\n")
    with pytest.raises(EvaluationError, match=r"a.yml is not UTF-8 \(byte 11\): save it as UTF-8"):
        read_cases([tmp_path / "a.yml"])
