"""Writes math_forms.json: what the MATH benchmark's own code makes of our texts.

Usage: math_forms.py FOLDER, with math_equivalence.py and util.py of github.com/hendrycks/math in FOLDER.
"""

import json
import pathlib
import random
import sys

sys.path.insert(0, sys.argv[1])
from math_equivalence import _strip_string  # noqa: E402
from util import last_boxed_only_string  # noqa: E402

ANSWERS = r"""
1/2|\frac{1}{2}|\frac12|\dfrac{1}{2}|\tfrac1{2}|0.5|.5|0.50| 1 / 2 |-1/2|\frac{1}2|1/2/3|01/2|+1/2|-0/3
1,234|1234|10,\!000|10{,}000|$5$|\$5|\$18.90|50\%|50%|90^\circ|90^{\circ}|5\text{ cm}|5 \text{ cm}^2
\text{Monday}|5\text{ m}\text{ s}|\text{ cm}|x=5|x = 5|ab=5|x+y=5|x=y=5|=5|k= .5|k={.5}|(1, 2)|\left(1,2\right)
\left[0, \frac12\right)|\sqrt3|\sqrt{3}|2\sqrt 3|\sqrt|\sqrt3+\sqrt{2}|\frac|\frac1|\frac{1}|\frac\frac12
\frac{\sqrt3}{2}|\frac1{72}|\frac{72}1|3\frac{1}{2}|007|5.|5.0||.|\\frac{1}{2}|\begin{pmatrix} 1 \\ 2 \end{pmatrix}
a .5|{.5}|\text{(C)}|x^{2}|x^2|\!|\leftarrow|tfrac|0 . 5|12/-5|-12/5|0/5|1/|/1|/
""".replace("\n", "|")[1:-1].split("|")
PIECES = [
    "\\frac", "\\dfrac", "\\sqrt", "\\text{ ", "\\text{", "{", "}", "1", "2", "0", ".", ",", "/", "-",
    "=", " ", "x", "\\left", "\\right", "(", ")", "\\%", "%", "^\\circ", "^{\\circ}", "\\\\", "\\!", "\\$",
]
COMPLETIONS = [
    r"so \boxed{\frac{1}{2}} holds", r"\boxed{1} then \boxed{2}", r"\boxed{1} then \boxed{2", r"\boxed 5",
    r"\boxed{a{b}c}", r"\boxed{}", r"\fbox{7}", "no box", r"\boxed {7}", r"\boxed{x}}", r"\boxed{ 7 }", "\\boxed",
]


def form(text):
    """The text as the benchmark rewrites it; None where its code fails."""
    try:
        return _strip_string(text)
    except Exception:
        return None


def box(text):
    """The inside of the last box, as evaluate_gpt3.py takes it off."""
    boxed = last_boxed_only_string(text)
    is_box = boxed is not None and boxed.startswith("\\boxed{") and boxed.endswith("}")
    return boxed[len("\\boxed{") : -1] if is_box else None


generator = random.Random(1)
drawn = ["".join(generator.choices(PIECES, k=generator.randint(1, 9))) for _ in range(600)]
cases = {
    "forms": [[text, form(text)] for text in dict.fromkeys(ANSWERS + drawn)],
    "boxes": [[text, box(text)] for text in COMPLETIONS],
}
output = pathlib.Path(__file__).with_name("math_forms.json")
output.write_text(json.dumps(cases, indent=0, ensure_ascii=True) + "\n")
