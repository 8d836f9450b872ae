"""Reading what a client asks the Images API for."""

import re
from dataclasses import dataclass
from json import JSONDecodeError

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from twin.chance import number
from twin.inputs import Field, Kind, complaints, completed
from twin.openai.models import ImageModel
from twin.openai.refusals import invalid, refusal
from twin.openai.tokens import (
    Usage,
    coarse,
    old_tokens,
    picture_tokens,
    sent_tokens,
    text_tokens,
)
from twin.painting import Order
from twin.photos import size_of
from twin.requests import digest
from twin.stops import Stop
from twin.values import Json, JsonObject, as_object, as_text, as_whole

_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")
_PIXELS = (655_360, 8_294_400)
_LONGEST = 3840
_MOST_PHOTOS = 16
# What the API makes of "auto" depends on the prompt; the twin does not guess.
_AUTO_SIZE = "1024x1024"
_AUTO_QUALITY = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is to be painted, complete; `edits` says that it came with pictures."""

    model: ImageModel
    given: JsonObject
    photos: tuple[bytes, ...]
    edits: bool
    quality: str
    size: tuple[int, int]

    @property
    def count(self) -> int:
        """How many pictures."""
        return as_whole(self.given.get("n"), 1)

    @property
    def partials(self) -> int:
        """How many partial pictures a stream shows first."""
        return as_whole(self.given.get("partial_images"), 0)

    @property
    def streams(self) -> bool:
        """Whether the answer is a stream of events."""
        return self.given.get("stream") is True

    @property
    def format(self) -> str:
        """One of png, jpeg and webp."""
        return as_text(self.given.get("output_format")) or "png"

    @property
    def transparent(self) -> bool:
        """Whether the background is to be left out."""
        return self.given.get("background") == "transparent"

    @property
    def usage(self) -> Usage:
        """The tokens that it costs."""
        partials = self.partials if self.streams else 0
        if self.model.old_tokens:
            each = old_tokens(self.quality, self.size, partials)
        else:
            finer = self.model.name != "gpt-image-2"
            quality = self.quality if finer else coarse(self.quality)
            each = picture_tokens(quality, self.size, partials)
        words = text_tokens(as_text(self.given["prompt"]))
        return Usage(words, sent_tokens(self.photos), self.count * each)

    def order(self, seed: int, nth: int) -> Order:
        """Return the order of the `nth` picture."""
        return Order(
            prompt=as_text(self.given["prompt"]),
            size=self.size,
            format=self.format,
            seed=number(seed, nth),
            photos=self.photos,
            quality=as_whole(self.given.get("output_compression"), 90),
            transparent=self.transparent,
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came: `named` is `given` with the files' digests."""

    given: JsonObject
    photos: tuple[bytes, ...] = ()
    mask: bytes | None = None

    @property
    def named(self) -> JsonObject:
        """What was given, with every file named by its digest."""
        files: list[Json] = [digest(photo) for photo in self.photos]
        named: JsonObject = {**self.given, "image": files} if files else dict(self.given)
        return named | ({"mask": digest(self.mask)} if self.mask is not None else {})


async def sent_json(request: Request) -> Sent:
    """Read a request for generation."""
    try:
        return Sent(as_object(await request.json()))
    except (JSONDecodeError, UnicodeDecodeError) as error:
        message = "We could not parse the JSON body of your request."
        raise Stop(refusal(400, message)) from error


async def sent_form(request: Request) -> Sent:
    """Read a request for an edit: parts `image` or `image[]`, `mask`, and fields."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        message = "Invalid Content-Type: expected 'multipart/form-data'."
        raise Stop(refusal(400, message, "unsupported_content_type"))
    async with request.form(max_files=_MOST_PHOTOS + 2) as form:
        files = [part for name in ("image", "image[]") for part in form.getlist(name)]
        photos = [await part.read() for part in files if isinstance(part, UploadFile)]
        mask = form.get("mask")
        masking = await mask.read() if isinstance(mask, UploadFile) else None
        return Sent(_fields_of(form), tuple(photos), masking)


def asked(model: ImageModel, sent: Sent, *, edits: bool) -> Ask:
    """Check a request and complete it; raises `Stop`."""
    fields = model.edits if edits else model.generates
    given = _typed(fields, sent.given) if edits else sent.given
    wrong = next(complaints(fields, given), None)
    if wrong:
        raise Stop(invalid(wrong))
    if edits:
        _check_photos(sent)
    whole = completed(fields, given)
    if whole.get("background") == "transparent" and whole.get("output_format") == "jpeg":
        message = "Transparent background is not supported for JPEG output format."
        raise Stop(refusal(400, message, "invalid_value", "background"))
    said = as_text(whole.get("quality"))
    return Ask(
        model=model,
        given=whole,
        photos=sent.photos,
        edits=edits,
        quality=said if said not in {"", "auto"} else _AUTO_QUALITY,
        size=_size(model, as_text(whole.get("size"))),
    )


def _fields_of(form: FormData) -> JsonObject:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _typed(fields: tuple[Field, ...], given: JsonObject) -> JsonObject:
    """Return the texts of a form as what their fields hold, where they are."""
    kinds = {field.name: field.kind for field in fields}
    return {name: _value(kinds.get(name), as_text(value)) for name, value in given.items()}


def _value(kind: Kind | None, text: str) -> Json:
    if kind is Kind.WHOLE and text.isdecimal():
        return int(text)
    if kind is Kind.FLAG and text in {"true", "false"}:
        return text == "true"
    return text


def _check_photos(sent: Sent) -> None:
    if not sent.photos:
        message = "Missing required parameter: 'image'."
        raise Stop(refusal(400, message, "missing_required_parameter", "image"))
    if len(sent.photos) > _MOST_PHOTOS:
        message = f"Too many images: at most {_MOST_PHOTOS} are supported."
        raise Stop(refusal(400, message, "array_above_max_length", "image"))
    if any(size_of(photo) is None for photo in sent.photos):
        raise _bad_file("image")
    if sent.mask is not None and size_of(sent.mask) != size_of(sent.photos[0]):
        raise _bad_file("mask")


def _bad_file(param: str) -> Stop:
    return Stop(
        refusal(
            400,
            "Invalid image file or mode, please check your image file.",
            "invalid_image_file",
            param,
            type="image_generation_user_error",
        )
    )


def _size(model: ImageModel, said: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(_AUTO_SIZE if said in {"", "auto"} else said)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if found and (not model.free_sizes or _legal(width, height)):
        return width, height
    raise Stop(
        refusal(
            400,
            f"Invalid size '{said}': width and height must be multiples of 16, "
            f"at most {_LONGEST}, within 3 to 1, of {_PIXELS[0]} to {_PIXELS[1]} pixels.",
            "invalid_size",
            "size",
            type="image_generation_user_error",
        )
    )


def _legal(width: int, height: int) -> bool:
    return (
        width % 16 == height % 16 == 0
        and max(width, height) <= min(_LONGEST, 3 * min(width, height))
        and _PIXELS[0] <= width * height <= _PIXELS[1]
    )
