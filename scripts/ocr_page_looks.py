"""What scanners and phones do to a page (pure: gray uint8 in, gray uint8 out)."""

from __future__ import annotations

import cv2
import numpy as np


def scan(page: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """A flatbed scan: up to 1.5° askew, slightly blurred, grainy, specks, compressed."""
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), noise.uniform(-1.5, 1.5), 1.0)
    page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=250)
    page = cv2.GaussianBlur(page, (0, 0), noise.uniform(0.5, 0.9))
    grains = page + noise.normal(0, 9, page.shape)
    for x, y in zip(noise.integers(0, width, 120), noise.integers(0, height, 120), strict=True):
        cv2.circle(grains, (int(x), int(y)), int(noise.integers(1, 3)), 60.0, -1)
    return _compress(grains, 60)


def photo(page: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """A phone's photo: seen from the side, light falling off, softer, the table around it."""
    height, width = page.shape
    rim = 60
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + rim + noise.uniform(-45, 45, (4, 2)).astype(np.float32)
    turn = cv2.getPerspectiveTransform(corners, seen)
    page = cv2.warpPerspective(page, turn, (width + 2 * rim, height + 2 * rim), borderValue=105)
    page = cv2.GaussianBlur(page, (0, 0), noise.uniform(0.8, 1.2))
    across = np.linspace(noise.uniform(0.6, 1), noise.uniform(0.6, 1), page.shape[1])[None, :]
    down = np.linspace(noise.uniform(0.7, 1), noise.uniform(0.7, 1), page.shape[0])[:, None]
    return _compress(page * across * down + noise.normal(0, 5, page.shape), 70)


def _compress(page: np.ndarray, quality: int) -> np.ndarray:
    sound = np.clip(page, 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", sound, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
