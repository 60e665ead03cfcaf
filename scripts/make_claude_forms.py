"""Write the fingerprints of what Claude is asked: python -m scripts.make_claude_forms

The analysis worker has the prompts and the shapes of answers; the gateway sends no others with our key.
"""

import json
from pathlib import Path

from control_plane.claude.request import fingerprint
from gpu_worker.analysis.asks import FORMS
from gpu_worker.analysis.comparing import COMPARE_SYSTEM, VERDICTS_SCHEMA

PATH = Path(__file__).parents[1] / "vocabulary" / "claude_forms.json"


def forms() -> dict[str, dict[str, str]]:
    """By question: the fingerprints of its system prompt and of its answer's shape."""
    asked = {question.value: (form.system, form.schema) for question, form in FORMS.items()}
    asked["pairs"] = (COMPARE_SYSTEM, VERDICTS_SCHEMA)
    return {
        name: {"system": fingerprint(system), "schema": fingerprint(schema)}
        for name, (system, schema) in asked.items()
    }


def main() -> None:
    PATH.write_text(json.dumps(forms(), indent=1) + "\n")


if __name__ == "__main__":
    main()
