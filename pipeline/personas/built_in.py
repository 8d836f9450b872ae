"""The built-in personas: archetypes of style, not people."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from pipeline.domain import Persona, PersonaId

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
# Made from their names, so that they are the same in every installation.
_NAMES = uuid5(NAMESPACE_URL, "designer-bff:personas")


def _persona(
    name: str,
    description: str,
    aesthetic: str,
    palette: str,
    *,
    patterns: str,
    fabrics: str,
    silhouettes: str,
    keywords: str,
) -> Persona:
    """Build a persona from texts whose items are separated by commas."""
    return Persona(
        id=PersonaId(uuid5(_NAMES, name)),
        name=name,
        description=description,
        attributes={
            "aesthetic": aesthetic,
            "palette": _items(palette),
            "patterns": _items(patterns),
            "fabrics": _items(fabrics),
            "silhouettes": _items(silhouettes),
            "keywords": _items(keywords),
        },
        built_in=True,
        created_at=_SINCE,
    )


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


BUILT_IN: tuple[Persona, ...] = (
    _persona(
        "Minimalist",
        "Few lines, exact cut, nothing that could be left out.",
        "minimalist",
        "black, white, grey, beige, off-white",
        patterns="solid",
        fabrics="wool, cotton poplin, silk, crêpe, cashmere",
        silhouettes="column, straight, sheath, boxy",
        keywords="clean lines, precise tailoring, negative space, understated, monochrome",
    ),
    _persona(
        "Bohemian",
        "Loose layers, craft and pattern, made for wandering.",
        "bohemian",
        "terracotta, mustard, olive, cream, rust, burgundy",
        patterns="floral, print",
        fabrics="cotton, linen, crochet, suede, lace",
        silhouettes="draped, empire, a-line",
        keywords="handcrafted, sun-faded, festival, folk, embroidery, fringe, tiered",
    ),
    _persona(
        "Romantic",
        "Soft colour, light cloth and movement.",
        "romantic",
        "blush, light pink, lilac, cream, dusty rose, pale blue",
        patterns="floral, dotted",
        fabrics="chiffon, lace, tulle, organza, silk",
        silhouettes="fit-and-flare, empire, a-line",
        keywords="ruffles, delicate, ethereal, bows, garden, feminine",
    ),
    _persona(
        "Street",
        "Volume, graphics and comfort with an attitude.",
        "streetwear",
        "black, grey, neon green, red, white, royal blue",
        patterns="graphic, colourblock, print",
        fabrics="jersey, fleece, nylon, denim, canvas",
        silhouettes="boxy, straight, wide-leg",
        keywords="oversized, hoodie, sneakers, logo, urban, cargo, layered",
    ),
    _persona(
        "Classicist",
        "The pieces that stay: proportion, good cloth, quiet colour.",
        "classic",
        "navy, camel, white, charcoal, burgundy",
        patterns="solid, striped, checked",
        fabrics="wool, cotton, cashmere, tweed, gabardine",
        silhouettes="straight, hourglass, sheath",
        keywords="timeless, quiet elegance, heritage, tailored, trench, blazer, double-breasted",
    ),
    _persona(
        "Preppy",
        "Campus and club: crisp, cheerful, well put together.",
        "preppy",
        "navy, white, bottle green, red, light blue, yellow",
        patterns="striped, checked",
        fabrics="cotton, cable knit, twill, flannel, corduroy",
        silhouettes="straight, a-line",
        keywords="collegiate, crisp, polo, pleated skirt, varsity, argyle, loafers",
    ),
    _persona(
        "Night Glamour",
        "Light on cloth: evening, entrance, effect.",
        "glamorous",
        "black, gold, silver, emerald, ruby, champagne",
        patterns="solid",
        fabrics="silk satin, velvet, sequins, lamé, chiffon",
        silhouettes="mermaid, sheath, column, ball gown",
        keywords="evening, gown, red carpet, open back, slit, cocktail, floor-length",
    ),
    _persona(
        "Rebel",
        "Black, metal and worn edges.",
        "punk",
        "black, red, charcoal, gunmetal, white",
        patterns="checked, graphic",
        fabrics="leather, denim, mesh, faux leather",
        silhouettes="boxy, straight",
        keywords="biker, studs, distressed, ripped, tartan, edgy, grunge, boots",
    ),
    _persona(
        "Athlete",
        "Made to move: technical cloth and clear lines.",
        "sporty",
        "black, white, electric blue, neon yellow, grey, red",
        patterns="solid, colourblock",
        fabrics="spandex, nylon, mesh, jersey, neoprene",
        silhouettes="straight, bodycon",
        keywords="leggings, track, running, zip, performance, athleisure, sneakers",
    ),
    _persona(
        "Maker",
        "Workwear: pockets, seams and cloth that lasts.",
        "utilitarian",
        "khaki, olive, indigo, brown, ecru, navy",
        patterns="solid, checked",
        fabrics="denim, canvas, corduroy, cotton twill, flannel",
        silhouettes="straight, boxy, wide-leg",
        keywords="workwear, patch pockets, topstitched, overalls, functional, raw denim, chore",
    ),
    _persona(
        "Coast",
        "Salt, sun and stripes.",
        "nautical",
        "navy, white, sky blue, sand, red",
        patterns="striped, solid",
        fabrics="linen, cotton, seersucker, jersey",
        silhouettes="straight, shift, wide-leg",
        keywords="breton, summer, sailor, espadrilles, holiday, seaside, resort",
    ),
    _persona(
        "Futurist",
        "Form as experiment: sculpture, sheen and new materials.",
        "futuristic",
        "silver, white, black, ice blue, electric blue, violet",
        patterns="solid, print",
        fabrics="neoprene, patent leather, lamé, nylon, mesh",
        silhouettes="cocoon, asymmetric, trapeze",
        keywords="sculptural, avant-garde, metallic, techwear, geometric, experimental",
    ),
    _persona(
        "Rewind",
        "The best of other decades, worn now.",
        "vintage",
        "mustard, burnt orange, teal, cream, brown, red",
        patterns="dotted, checked, floral",
        fabrics="corduroy, tweed, cotton, velvet, knit",
        silhouettes="fit-and-flare, flared, a-line",
        keywords="retro, nostalgic, polka dot, gingham, tea dress, high-waisted, peter pan collar",
    ),
    _persona(
        "Night Bloom",
        "Dark, ornate and a little haunted.",
        "gothic",
        "black, burgundy, plum, aubergine, charcoal",
        patterns="solid, floral",
        fabrics="velvet, lace, brocade, leather, tulle",
        silhouettes="mermaid, hourglass, full",
        keywords="corset, victorian, dramatic, high neck, bell sleeves, moody",
    ),
)
