import pytest

from twin.faults import Broken, Throttled
from twin.requests import Call
from twin.script import BadScript, Rule, Script, When, Where, rules_from

CREATE = Call("replicate", "create", "google/nano-banana-2", "A red silk gown")


def hits(script: Script, count: int, call: Call = CREATE) -> list[int]:
    return [nth for nth in range(1, count + 1) if script.take(call)]


def test_a_rule_holds_for_all_unless_it_says_which() -> None:
    assert hits(Script(0, [Rule(Throttled())]), 3) == [1, 2, 3]
    assert hits(Script(0, [Rule(Throttled(), when=When(next=2))]), 4) == [1, 2]
    assert hits(Script(0, [Rule(Throttled(), when=When(on=(2, 4)))]), 5) == [2, 4]


def test_a_share_is_random_and_repeats_with_the_seed() -> None:
    rule = Rule(Throttled(), when=When(share=0.3))
    first = hits(Script(7, [rule]), 1000)
    assert 250 < len(first) < 350
    assert hits(Script(7, [rule]), 1000) == first
    assert hits(Script(8, [rule]), 1000) != first


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        (Where(), True),
        (Where(provider="replicate", endpoint="create"), True),
        (Where(model="google/*"), True),
        (Where(prompt="*SILK*"), True),
        (Where(provider="openai"), False),
        (Where(endpoint="get"), False),
        (Where(model="black-forest-labs/*"), False),
        (Where(prompt="*denim*"), False),
    ],
)
def test_a_rule_is_about_the_requests_it_names(where: Where, *, fits: bool) -> None:
    script = Script(0, [Rule(Throttled(), where)])
    assert bool(script.take(CREATE)) is fits
    assert script.shown()[0] == {
        "fault": {"retry_after": None, "kind": "throttled"},
        "where": {
            "provider": where.provider,
            "endpoint": where.endpoint,
            "model": where.model,
            "prompt": where.prompt,
        },
        "when": {"next": None, "on": [], "share": None},
        "met": int(fits),
        "hit": int(fits),
    }


def test_several_rules_meet_in_their_order() -> None:
    script = Script(0, [Rule(Throttled()), Rule(Broken(status=503))])
    assert script.take(CREATE) == (Throttled(), Broken(status=503))
    script.clear()
    assert script.take(CREATE) == ()


def test_a_script_is_read_from_json() -> None:
    text = '[{"fault": {"kind": "broken", "status": 502, "accepted": true}, "when": {"on": [3]}}]'
    assert rules_from(text) == (Rule(Broken(status=502, accepted=True), when=When(on=(3,))),)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{}", "script"),
        ("nonsense", "script"),
        ('[{"fault": {"kind": "surprise"}}]', "0.fault"),
        ('[{"fault": {"kind": "broken", "status": 404}}]', "0.fault.broken.status"),
        ('[{"fault": {"kind": "dropped", "after": true}}]', "0.fault.dropped.after"),
        ('[{"fault": {"kind": "dropped"}, "when": {"share": 2}}]', "0.when.share"),
        ('[{"fault": {"kind": "dropped"}, "when": {"next": 0}}]', "0.when.next"),
    ],
)
def test_what_is_no_script_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(BadScript, match=f"^{place}: "):
        rules_from(text)
