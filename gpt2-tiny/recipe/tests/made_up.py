"""Material of made-up words: what a drill says can only come from here."""

from english_words import Noun, Verb
from material import NO_OBJECT, SOMEBODY, THING, Material

MATERIAL = Material(
    people=[Noun("wug", "wugs", ("he", "she")), Noun("blicket", "blickets", ("she",))],
    things=[Noun("dax", "daxes"), Noun("fep", "feps"), Noun("elb", "elbs"), Noun("toma", "tomas")],
    verbs={NO_OBJECT: [Verb.of("zibble")], THING: [Verb.of("gorp"), Verb.of("write")], SOMEBODY: [Verb.of("dwock")]},
    adjectives=["blicky", "tall"],
    gradable=["tall"],
    parts_of_speech={"dax": "noun", "gorp": "verb", "tall": "adjective"},
    definitions={"dax": "a small fep", "fep": "the end of a toma"},
    synonyms=[("gorp", "zab")],
    opposites=[("blicky", "unblicky")],
    categories={
        "bird": ["wren", "owl", "gull", "heron", "finch", "swan"],
        "tool": ["saw", "hammer", "drill", "file", "axe", "plane"],
    },
    sentences=[
        "The old wug was often in the garden.",
        "Two blickets could see my dax from the window.",
        "It rained all morning, and we had a good time.",
    ],
    words={"wug", "window", "form", "from"},
)
