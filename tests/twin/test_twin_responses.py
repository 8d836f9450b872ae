import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel, Field, ValidationError

from twin.faults import Broken, Dropped, Failed, Fault, Refused, Spoil, Spoiled, Throttled
from twin.script import Rule, When
from twin.serving import Running

Meets = Callable[..., None]

MODEL = "gpt-6.1-terra"
PHOTOS = Path(__file__).parents[1] / "photos"


class Told(BaseModel):
    value: str | None
    confidence: float


class Colour(BaseModel):
    name: str
    hex: str = Field(pattern="^#[0-9a-f]{6}$")
    share: float
    role: Literal["primary", "secondary", "accent"]


class Detail(BaseModel):
    name: str
    value: str


class Garment(BaseModel):
    garment_type: Literal["dress", "hat", "shirt", "pants", "unknown"]
    fabric: Told
    pattern: Literal["solid", "striped", "floral", "print"] | None
    colors: list[Colour]
    details: list[Detail]
    confidence: float = Field(ge=0, le=1)


class Prompt(BaseModel):
    prompt: str
    negative_prompt: str
    keywords: list[str]
    score: int


def shown(photo: str) -> list[Any]:
    encoded = base64.b64encode((PHOTOS / photo).read_bytes()).decode()
    parts = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": f"data:image/jpeg;base64,{encoded}", "detail": "low"},
    ]
    return [{"role": "user", "content": parts}]


@pytest.fixture
def meets(twin: Running) -> Meets:
    """Let the next request meet a fault."""

    def add(fault: Fault) -> None:
        twin.twin.script.add([Rule(fault, when=When(next=1))])

    return add


async def ask(client: AsyncOpenAI, input: Any = "a burgundy silk dress with a v-neck") -> Any:
    return await client.responses.parse(
        model=MODEL,
        instructions="You read garments: dresses, hats and denim pants.",
        input=input,
        text_format=Garment,
        reasoning={"effort": "low"},
        store=False,
    )


async def test_a_text_is_read_into_the_schema(openai_client: AsyncOpenAI) -> None:
    garment: Garment = (await ask(openai_client)).output_parsed
    assert garment.garment_type == "dress"
    assert garment.fabric.value == "silk"
    assert [(colour.name, colour.role) for colour in garment.colors] == [("burgundy", "primary")]
    assert Detail(name="neckline", value="v-neck") in garment.details
    assert garment.pattern is None


async def test_a_photo_lends_its_colour_and_is_always_read_alike(
    openai_client: AsyncOpenAI,
) -> None:
    first = (await ask(openai_client, shown("orange-dress.jpg"))).output_parsed
    again = (await ask(openai_client, shown("orange-dress.jpg"))).output_parsed
    other = (await ask(openai_client, shown("denim-pants.jpg"))).output_parsed
    assert first == again
    red, blue = (int(first.colors[0].hex[at : at + 2], 16) for at in (1, 5))
    assert red > 2 * blue
    assert other.colors != first.colors


async def test_a_prompt_is_written_of_what_was_said(openai_client: AsyncOpenAI) -> None:
    answer = await openai_client.responses.parse(
        model=MODEL, input="a navy striped cotton shirt", text_format=Prompt
    )
    assert answer.output_parsed is not None
    assert "striped" in answer.output_parsed.prompt
    assert "navy" in answer.output_parsed.prompt
    assert "cotton" in answer.output_parsed.keywords
    assert (await openai_client.responses.retrieve(answer.id)).output_text == answer.output_text


async def test_without_a_schema_it_answers_in_words(openai_client: AsyncOpenAI) -> None:
    answer = await openai_client.responses.create(model=MODEL, input="a red felt hat")
    assert answer.output_text.startswith("a red hat, ")


async def test_the_bill_is_what_the_usage_says(twin: Running, openai_client: AsyncOpenAI) -> None:
    usage = (await ask(openai_client, shown("orange-dress.jpg"))).usage
    (row,) = twin.twin.bill.rows()
    assert isinstance(row, dict)
    expected = (usage.input_tokens * 1 + usage.output_tokens * 5) / 1_000_000
    assert float(str(row["usd"])) == pytest.approx(expected)
    assert usage.input_tokens > 100


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Throttled(), openai.RateLimitError),
        (Broken(), openai.InternalServerError),
        (Dropped(), openai.APIConnectionError),
        (Failed(), openai.InternalServerError),
    ],
)
async def test_a_refusal_is_not_billed(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets, fault: Fault, error: type[Exception]
) -> None:
    meets(fault)
    with pytest.raises(error):
        await ask(openai_client)
    assert twin.twin.bill.rows() == []


async def test_a_connection_dropped_after_the_work_was_accepted_is_billed(
    twin: Running, openai_client: AsyncOpenAI, meets: Meets
) -> None:
    meets(Dropped(accepted=True))
    with pytest.raises(openai.APIConnectionError):
        await ask(openai_client)
    assert len(twin.twin.bill.rows()) == 1


async def test_moderation_is_an_answer(openai_client: AsyncOpenAI, meets: Meets) -> None:
    meets(Refused())
    answer = await ask(openai_client)
    assert answer.output_parsed is None
    assert answer.output[0].content[0].type == "refusal"


async def test_an_answer_may_be_missing(openai_client: AsyncOpenAI, meets: Meets) -> None:
    meets(Spoiled(Spoil.EMPTY))
    assert (await ask(openai_client)).output == []


async def test_an_answer_may_break_off(openai_client: AsyncOpenAI, meets: Meets) -> None:
    meets(Spoiled(Spoil.INCOMPLETE))
    answer = await openai_client.responses.create(model=MODEL, input="a red felt hat")
    assert answer.status == "incomplete"
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize("how", [Spoil.INCOMPLETE, Spoil.HTML, Spoil.SMALL])
async def test_an_answer_may_not_fit_its_schema(
    openai_client: AsyncOpenAI, meets: Meets, how: Spoil
) -> None:
    meets(Spoiled(how))
    with pytest.raises(ValidationError):
        await ask(openai_client)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"input": ""}, "missing_required_parameter"),
        ({"extra_body": {"seed": 4}}, "unknown_parameter"),
        (
            {
                "text": {
                    "format": {
                        "type": "json_schema",
                        "name": "X",
                        "strict": True,
                        "schema": {"type": "object", "properties": {}},
                    }
                }
            },
            "invalid_json_schema",
        ),
    ],
)
async def test_what_can_not_be_answered_is_refused(
    openai_client: AsyncOpenAI, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await openai_client.responses.create(**{"model": MODEL, "input": "a hat", **given})
    assert refused.value.code == code


async def test_an_unknown_model_is_not_found(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await openai_client.responses.create(model="gpt-3", input="a hat")
