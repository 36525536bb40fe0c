"""The words of the made-up world: products, labels, codes, attributes, awkward strings.

Layer: bottom of `generate`; imports nothing from the package.
"""

from __future__ import annotations

THINGS = {
    "bikes": ("Gravel bike", "Road bike", "City bike", "Kids' bike", "Cargo bike", "E-bike"),
    "shoes": ("Air Glide", "Trail Runner", "Court Classic", "Wanderschuh", "Sandal"),
    "coffee": ("Espresso", "Filter roast", "Decaf", "Café crème", "Cold brew"),
    "food": ("Döner", "Sauerteigbrot", "Crème fraîche", "Jalapeño dip", "Oat biscuits"),
    "books": ("Atlas", "Novel", "Cookbook, 2nd ed.", "Field guide", "Pop-up book"),
    "toys": ("Puzzle", "Kite", "Train set", "Marbles", "Spinning top"),
}
FLAVOURS = ("Basic", "Classic", "Pro", "Mini", "Max", "Nº 5", "Grün", "Azul", "XL", "Light")
JAPANESE = {
    "お茶": ("煎茶", "抹茶", "ほうじ茶", "玄米茶"),
    "文具": ("万年筆", "ノート", "折り紙", "便箋"),
    "靴": ("下駄", "スニーカー", "足袋"),
}
JAPANESE_FLAVOURS = ("小", "中", "大", "特選", "限定", "お徳用")
AWKWARD_NAMES = (
    'Gravel bike - "Aisle of Woman"',
    "Mug, blue; 0,3 l",
    "Poster\nsecond line",
    "🚲 Bell 🔔",
    "back\\slash {curly} [square]",
    "e\u0301clair (two code points)",
)
MATERIALS = ("titanium", "leather", "Baumwolle", "bamboo", "steel")
COLOURS = ("black", "white", "rot", "grün", "black,white")
CHANNELS = ("web", "app", "pos")

PRICE_NOISE = ("333333333333336", "666666666666664", "99999999999997")
"""Decimals that binary division in a shop's own code leaves behind."""

CODE_PREFIXES = ("SORRY", "VIP26-", "BDAY")
SHARED_CODES = ("WELCOME10", "SUMMER-26", "summer-26", "FRÜHLING", "10%OFF")
REFERRALS = ("FRIEND-7", "anna&ben", 'say "hi", twice', "two\nlines", "ÜBER")
PROFILE_WORDS = ("dxclwds", "Jürgen", "o'neil", "maria,k", "kunde")
PLAIN_IDS = ("NA", "null", "1e5", "00123", "TRUE", "-", "nan")
"""Ids that a reader must leave as text."""

ATTRIBUTE_SETS: tuple[dict[str, object], ...] = (
    {},
    {"ShippingCity": "Berlin", "Newsletter": True},
    {"ShippingCost": 5, "PaymentMethod": "creditcard", "ShippingMethod": "Standard"},
    {"Channel": "app", "AppVersion": "4.10.0", "Push": False, "Nothing": None},
    {"Tags": ["new", "grün", "a,b"], "Visits": 3},
    {"Location": {"format": "point", "object": "5, 7.2"}, "Channel": "pos"},
    {"Scores": [1, 2.5, None, True, {"deep": ["er"]}], "Note": 'quote " and\nnewline'},
    {"Emoji": "🛒", "Empty": "", "Zero": 0, "NullText": "null", "ShippingCity": "大阪"},
    {"DeliveryDate": "2026-03-01T10:00:00+07:00", "Gift": True, "Big": 12345678901234567890},
)
