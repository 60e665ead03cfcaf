"""Write the fingerprints of what Claude is asked: python -m scripts.make_claude_forms

The analysis worker has the prompts and the shapes of answers; the gateway sends no others with our key.
"""

import json
from pathlib import Path

from control_plane.claude.request import fingerprint
from gpu_worker.analysis.asks import FORMS

PATH = Path(__file__).parents[1] / "vocabulary" / "claude_forms.json"


def forms() -> dict[str, dict[str, str]]:
    """By question: the fingerprints of its system prompt and of its answer's shape."""
    return {
        question.value: {"system": fingerprint(form.system), "schema": fingerprint(form.schema)}
        for question, form in FORMS.items()
    }


def main() -> None:
    PATH.write_text(json.dumps(forms(), indent=1) + "\n")


if __name__ == "__main__":
    main()
