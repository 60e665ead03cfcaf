"""A depthwise convolution in Triton, compiled once for every kernel size and stride, whatever the image's size."""

from __future__ import annotations

from typing import Any

import torch

try:
    import triton
    import triton.language as tl
except ImportError:  # comes with torch for GPUs only; `convolutions.depthwise_kernel` does without
    triton = None

PIXELS = 32
CHANNELS = 32


# Triton reads annotations as part of the program, so there are none but its own.
def _convolve(  # type: ignore[no-untyped-def]
    x, taps, bias, y, height, width, channels, out_height, out_width, pixels,
    HAS_BIAS: tl.constexpr, KH: tl.constexpr, KW: tl.constexpr, DOWN: tl.constexpr, ACROSS: tl.constexpr,
    TOP: tl.constexpr, LEFT: tl.constexpr, PIXELS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip  # noqa: ANN001, ANN202, N803
    """One program: PIXELS neighbouring output pixels of CHANNELS channels."""
    pixel = tl.program_id(0) * PIXELS + tl.arange(0, PIXELS)
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    is_channel = channel < channels
    column, line = pixel % out_width, pixel // out_width
    row, image = line % out_height, (line // out_height).to(tl.int64)
    total = tl.zeros((PIXELS, CHANNELS), tl.float32)
    if HAS_BIAS:
        total += tl.load(bias + channel, mask=is_channel, other=0.0).to(tl.float32)[None, :]
    for i in tl.static_range(KH):
        for j in tl.static_range(KW):
            from_row, from_column = row * DOWN - TOP + i, column * ACROSS - LEFT + j
            inside = (pixel < pixels) & (from_row >= 0) & (from_row < height)
            inside = inside & (from_column >= 0) & (from_column < width)
            start = ((image * height + from_row) * width + from_column) * channels
            place = start[:, None] + channel[None, :]
            value = tl.load(x + place, mask=inside[:, None] & is_channel[None, :], other=0.0)
            tap = tl.load(taps + (i * KW + j) * channels + channel, mask=is_channel, other=0.0)
            total += value.to(tl.float32) * tap.to(tl.float32)[None, :]
    at = pixel.to(tl.int64)[:, None] * channels + channel[None, :]
    tl.store(y + at, total.to(y.dtype.element_ty), mask=(pixel < pixels)[:, None] & is_channel[None, :])


_kernel: Any = None
if triton is not None:
    _kernel = triton.jit(do_not_specialize=["height", "width", "out_height", "out_width", "pixels"])(_convolve)


def convolve(
    x: torch.Tensor, taps: torch.Tensor, bias: torch.Tensor | None, stride: tuple[int, int], padding: tuple[int, int]
) -> torch.Tensor:
    """See `convolutions.DepthwiseKernel`."""
    x = x.contiguous(memory_format=torch.channels_last)
    images, channels, height, width = x.shape
    (high, wide), (down, across), (top, left) = taps.shape[:2], stride, padding
    out = (height + 2 * top - high) // down + 1, (width + 2 * left - wide) // across + 1
    y = torch.empty((images, channels, *out), dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    pixels = images * out[0] * out[1]
    grid = (triton.cdiv(pixels, PIXELS), triton.cdiv(channels, CHANNELS))
    _kernel[grid](
        x, taps, bias if bias is not None else taps, y, height, width, channels, *out, pixels,
        HAS_BIAS=bias is not None, KH=high, KW=wide, DOWN=down, ACROSS=across, TOP=top, LEFT=left,
        PIXELS=PIXELS, CHANNELS=CHANNELS,
    )  # fmt: skip
    return y
