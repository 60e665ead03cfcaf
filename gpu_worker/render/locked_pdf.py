"""A PDF that only opens with a password: a copy without one, in the child's folder, for all who read it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pikepdf

from gpu_worker.render.errors import RenderError


def unlock_pdf(path: Path, passwords: Sequence[str]) -> Path:
    """The copy, made with the first password that fits. Raises `RenderError` (`password_protected`) if none does.

    The document as it came stays as it is; the copy goes with the child.
    """
    copy = Path(f"{path.name}-unlocked")
    for password in passwords:
        try:
            with pikepdf.open(path, password=password) as document:
                document.save(copy)
        except pikepdf.PasswordError:
            continue
        except pikepdf.PdfError as error:
            raise RenderError("corrupt_pdf") from error
        return copy
    raise RenderError("password_protected")
