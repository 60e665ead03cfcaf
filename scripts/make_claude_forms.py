"""Write what Claude is asked, for the gateway: python -m scripts.make_claude_forms

The analysis worker's code has the prompts and the shapes of answers, and reads the answers by them; the gateway sends
no others with our key.
"""

import json
from dataclasses import asdict
from pathlib import Path

from gpu_worker.analysis.asks import FORMS
from gpu_worker.analysis.comparing import PAIR_FORMS

PATH = Path(__file__).parents[1] / "vocabulary" / "claude_forms.json"


def forms() -> dict[str, object]:
    """By kind of question: model, effort, longest answer, system prompt and the answer's shape."""
    return {kind: asdict(form) for kind, form in {**FORMS, **PAIR_FORMS}.items()}


def main() -> None:
    PATH.write_text(json.dumps(forms(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
