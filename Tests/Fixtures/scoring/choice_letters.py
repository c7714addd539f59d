"""Writes choice_letters.json: the letters that GPQA's five regular expressions find in our texts."""

import json
import pathlib
import random
import re

FORMS = [r"answer is \((.)\)", r"Answer: \((.)\)", r"answer: \((.)\)", r"answer \((.)\)", r"\((.)\)"]
PIECES = [
    "answer is ", "Answer: ", "answer: ", "answer ", "The ", "(A)", "(B)", "(C)", "(D)", "(E)", "(b)",
    "(", ")", "A", "B", "((C)", "(\n)", "\n", " ", "(AB)", "(é)",
]


def letter(text):
    """The letter by the first form whose first match is one of the four."""
    for form in FORMS:
        match = re.search(form, text)
        if match and match.group(1) in "ABCD":
            return match.group(1)
    return None


generator = random.Random(2)
drawn = ["".join(generator.choices(PIECES, k=generator.randint(1, 10))) for _ in range(500)]
cases = [[text, letter(text)] for text in dict.fromkeys(drawn)]
output = pathlib.Path(__file__).with_name("choice_letters.json")
output.write_text(json.dumps(cases, indent=0, ensure_ascii=True) + "\n")
