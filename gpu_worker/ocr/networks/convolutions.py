"""Convolutions that need no plan per shape on a GPU: 1×1 ones as matrix products, depthwise ones by a kernel of ours.

cuDNN compiles a kernel for every new shape of a depthwise convolution: 0.7 s for each width of line and 2.8 s for each
size of map on an H100, where running one takes 4 ms. It keeps the handful of other convolutions.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Protocol

import torch
from torch import nn
from torch.nn import functional as F

log = logging.getLogger(__name__)


class DepthwiseKernel(Protocol):
    """Convolves N×C×H×W (channels last) with one `taps` (KH×KW×C) per channel."""

    def __call__(
        self,
        x: torch.Tensor,
        taps: torch.Tensor,
        bias: torch.Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
    ) -> torch.Tensor: ...


class PointwiseConv(nn.Conv2d):
    """A 1×1 convolution; on a GPU one matrix product with the bias in it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N×C×H×W → N×C'×H×W."""
        if not x.is_cuda:
            return super().forward(x)
        return F.linear(x.permute(0, 2, 3, 1), self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)


class DepthwiseConv(nn.Conv2d):
    """A convolution of each channel by itself."""

    _taps: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """N×C×H×W → N×C×H'×W'."""
        kernel = depthwise_kernel() if x.is_cuda else None
        if kernel is None:
            return super().forward(x)
        if self._taps is None:
            self._taps = self.weight[:, 0].permute(1, 2, 0).contiguous()
        down, across = self.stride
        top, left = (int(side) for side in self.padding)
        return kernel(x, self._taps, self.bias, (down, across), (top, left))


def convolution(
    channels: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    groups: int,
    bias: bool,
) -> nn.Conv2d:
    """The module for a convolution of `channels` (in, out)."""
    kind: type[nn.Conv2d] = nn.Conv2d
    if kernel == (1, 1) and stride == (1, 1) and groups == 1:
        kind = PointwiseConv
    elif groups == channels[0] == channels[1]:
        kind = DepthwiseConv
    return kind(*channels, kernel, stride, padding, groups=groups, bias=bias)


@cache
def depthwise_kernel() -> DepthwiseKernel | None:
    """Ours, where Triton works; None leaves it to cuDNN."""
    try:
        from gpu_worker.ocr.networks.depthwise_kernel import convolve

        one = torch.ones(1, 16, 3, 3, device="cuda", dtype=torch.float16).contiguous(memory_format=torch.channels_last)
        convolve(one, one[0].permute(1, 2, 0).contiguous(), None, (1, 1), (1, 1))
    except Exception as error:  # no Triton, no C compiler, a card it does not know: whatever it raises
        log.warning("no kernel for depthwise convolutions; cuDNN takes over", extra={"error": type(error).__name__})
        return None
    return convolve
