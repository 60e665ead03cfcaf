"""Write what Claude is asked, for the gateway: python -m scripts.make_claude_forms

The analysis worker's code has the prompts and the shapes of answers, and reads the answers by them; the gateway sends
no others with our key.
"""

import json
from pathlib import Path

from anthropic import transform_schema

from gpu_worker.analysis.asks import FORMS
from gpu_worker.analysis.comparing import PAIR_FORMS

PATH = Path(__file__).parents[1] / "vocabulary" / "claude_forms.json"


def forms() -> dict[str, object]:
    """By kind of question: model, effort, longest answer, system prompt and the answer's shape."""
    return {
        kind: {
            "model": form.model, "effort": form.effort, "max_tokens": form.max_tokens, "system": form.system,
            "schema": transform_schema(form.answer),
        } for kind, form in {**FORMS, **PAIR_FORMS}.items()
    }  # fmt: skip


def main() -> None:
    PATH.write_text(json.dumps(forms(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
