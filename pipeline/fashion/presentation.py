"""How garments are shown: phrases for view, light, ground and finish, and for each cloth."""

PHOTO_LIGHT = (
    "soft diffused studio light",
    "large window light from one side",
    "even softbox light with gentle shadows",
    "directional light that models the folds",
    "bright overcast daylight",
)
PHOTO_GROUND = (
    "seamless light grey backdrop",
    "plain white backdrop",
    "warm off-white backdrop",
    "quiet tonal backdrop",
)
PHOTO_FINISH = (
    "true-to-life colour and crisp fabric texture",
    "editorial fashion photography, natural proportions",
    "lookbook photography with clean composition",
    "sharp seam and edge detail",
    "high-resolution product photography",
)
DRAWING_LINE = (
    "clean, even line work",
    "confident outlines with finer inner seams",
    "precise technical flat with closed outlines",
)
DRAWING_FINISH = (
    "flat colour fills without shading",
    "symmetrical front view laid flat",
    "balanced proportions on a white ground",
)
VIEWS = {
    "hat": ("three-quarter view of the hat", "side view of the hat"),
    "shoes": ("three-quarter view of the pair", "side view of the pair"),
    "pants": ("full-length front view", "front view from waist to hem"),
    "shorts": ("front view from waist to hem", "front view laid flat"),
    "skirt": ("front view from waist to hem", "full-length front view"),
    "dress": ("full-length front view", "full-length three-quarter view"),
}
ANY_VIEW = ("front view of the whole garment", "three-quarter view of the whole garment")

# What shows a cloth, by a word in its name; the first that fits is taken.
CLOTH = (
    ("faux fur", ("deep pile with soft highlights",)),
    ("fur", ("dense, soft pile",)),
    ("satin", ("fluid drape with a soft lustre", "liquid folds that catch the light")),
    ("silk", ("light, fluid drape", "a quiet sheen along the folds")),
    ("velvet", ("deep pile that drinks the light", "rich, shifting nap")),
    ("sequin", ("points of light across the surface",)),
    ("lamé", ("a metallic gleam along the folds",)),
    ("chiffon", ("sheer, floating layers", "airy translucency")),
    ("organza", ("crisp, sheer volume",)),
    ("tulle", ("weightless layered volume",)),
    ("lace", ("fine openwork in clear detail",)),
    ("denim", ("visible twill weave and firm hand", "character in the seams and fades")),
    ("suede", ("a soft, matte nap",)),
    ("leather", ("supple grain with soft highlights", "smooth, substantial hand")),
    ("cable", ("raised stitches in clear relief",)),
    ("knit", ("clear stitch definition", "soft, elastic hand")),
    ("crochet", ("open handwork in clear detail",)),
    ("tweed", ("flecked, textured weave",)),
    ("corduroy", ("even wales with soft shading",)),
    ("cashmere", ("soft, brushed surface",)),
    ("wool", ("dense, matte surface and clean fall", "firm cloth that holds its line")),
    ("flannel", ("soft, brushed surface",)),
    ("linen", ("natural slub and easy creases", "dry, breathable texture")),
    ("jersey", ("soft, easy fall",)),
    ("cotton", ("crisp, breathable hand", "clean, matte surface")),
    ("nylon", ("light technical sheen",)),
)
MOODS = {
    "minimalist": ("restrained composition with negative space",),
    "elegant": ("poised, refined mood",),
    "classic": ("timeless, composed mood",),
    "quiet luxury": ("quiet, assured mood",),
    "bohemian": ("relaxed, sunlit mood",),
    "romantic": ("soft, airy mood",),
    "streetwear": ("easy, confident attitude",),
    "sporty": ("energetic, clear mood",),
    "casual": ("relaxed, everyday mood",),
    "formal": ("composed, formal mood",),
    "business": ("crisp, professional mood",),
    "preppy": ("bright, collegiate mood",),
    "vintage": ("gently nostalgic mood",),
    "grunge": ("raw, unpolished mood",),
    "punk": ("high-contrast, defiant mood",),
    "gothic": ("dark, dramatic mood",),
    "glamorous": ("luminous evening mood",),
    "avant-garde": ("sculptural, gallery-like mood",),
    "futuristic": ("cool, weightless mood",),
    "playful": ("light-hearted mood",),
}
UNWANTED = (
    "cropped garment",
    "distorted proportions",
    "misshapen sleeves",
    "blurred fabric texture",
)
UNWANTED_TEXT = "text, watermark"
