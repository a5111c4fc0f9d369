"""A folder in the form of WordNet's database files, wndb(5WN); its texts are made up."""

DATA = {
    "data.noun": [
        "  1 This line belongs to the licence.",
        '00000010 05 n 01 animal 0 001 ~ 00000020 n 0000 | a living being; "animals need food"',
        "00000020 05 n 02 house_cat 0 puss 0 001 @ 00000010 n 0000 | a small animal that purrs",
        "00000030 05 n 01 genus_Felis 0 001 @ 00000010 n 0000 | the cats of science",
        "00000040 18 n 01 Felix 0 001 @i 00000020 n 0000 | a cat with a name",
        "00000090 05 n 02 bird 0 fowl 0 001 @ 00000010 n 0000 | an animal that flies",
        "00000100 05 n 01 goose 0 001 @ 00000090 n 0000 | a bird that bites; bigger than a duck",
        "00000110 05 n 02 wren 0 jenny 0 001 @ 00000090 n 0000 | a small bird",
        "00000120 18 n 01 thief 0 000 | one who steals",
        "00000140 18 n 01 cad 0 000 | an offensive name",
    ],
    "data.verb": [
        '00000050 30 v 01 purr 0 000 01 + 02 00 | make a soft sound; "she purred all night"; "purr"',
        "00000160 30 v 01 pet 0 000 02 + 08 00 + 09 00 | touch softly",
        "00000170 30 v 02 draw 0 sketch 0 000 01 + 08 00 | make a picture",
        "00000190 30 v 01 resemble 0 000 01 + 08 00 | look like",
    ],
    "data.adj": [
        "00000060 00 a 01 quick(p) 0 001 ! 00000070 a 0101 | not slow",
        "00000070 00 a 01 slow 0 001 ! 00000060 a 0101 | not quick",
    ],
    "data.adv": ["00000080 02 r 01 softly 0 000 | in a soft way"],
}
INDEX = {  # words and the numbers of their synsets
    "noun": "animal 10 house_cat 20 puss 20 felix 40 bird 90 goose 100 wren 110 thief 120 cad 140",
    "verb": "purr 50 pet 160 draw 170 sketch 170 resemble 190",
    "adj": "quick 60 slow 70",
}
NEVER_COUNTED = "puss"


def write_wordnet(folder):
    """Write the files and return the folder."""
    for name, lines in DATA.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    for part, words in INDEX.items():  # word part meanings symbols meanings counted offset
        pairs = zip(words.split()[::2], words.split()[1::2], strict=True)
        lines = [f"{word} {part[0]} 1 0 1 {int(word != NEVER_COUNTED)} {int(number):08}" for word, number in pairs]
        (folder / f"index.{part}").write_text("\n".join(["  1 This line belongs to the licence.", *lines, ""]))
    return folder
