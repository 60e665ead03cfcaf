"""RapidOCRLite's small networks behind a pipe: a path a line in, the page's text as JSON a line out.

`ocr.py` starts it with the interpreter named by RAPIDOCRLITE_PYTHON, whose environment is its own (`pip install
rapidocrlite==5.0.0a15`): the package calls itself `rapidocr` like the one measured beside it, and its weights may be
measured but not shipped (a modified OpenRAIL-M).
"""

import json
import sys

from rapidocr import RapidOCR

answers = sys.stdout
sys.stdout = sys.stderr
engine = RapidOCR(params={"Det.model_type": "lite", "Rec.model_type": "lite"})
for path in sys.stdin:
    text = "\n".join(engine(path.rstrip("\n")).txts or ())
    print(json.dumps(text), file=answers, flush=True)
