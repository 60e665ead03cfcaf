"""Analysis by plain rules: type, dates, parties, case number and court; nothing is judged."""

from gpu_worker.analysis.rules.analyst import analyse_text

__all__ = ["analyse_text"]
