"""What a worker's log says, on a machine that belongs to a stranger."""

import logging

from gpu_worker.log_lines import LineFormatter


def _record(error: Exception) -> logging.LogRecord:
    return logging.LogRecord(
        "gpu_worker", logging.ERROR, __file__, 1, "job failed", None, (type(error), error, error.__traceback__)
    )


def test_an_exceptions_words_stay_out_of_the_log():
    try:
        raise ValueError("cannot read 'Jane Doe, 12 Elm Street'")
    except ValueError as error:
        line = LineFormatter().format(_record(error))
    assert "job failed" in line and "ValueError" in line and "test_log_lines.py:" in line
    assert "Jane" not in line and "\n" not in line
