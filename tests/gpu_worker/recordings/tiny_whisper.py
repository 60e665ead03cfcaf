"""A Whisper of one layer and no sense: real files in CTranslate2's form, made here, since no weights can be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH, HEADS, MELS, PLACES, LONGEST = 8, 2, 80, 1500, 448
WORDS = ("endoftext", "startoftranscript", "en", "transcribe", "translate", "startoflm", "startofprev", "nospeech",
         "notimestamps")  # fmt: skip


def make_tiny_whisper(folder: Path) -> Path:
    """A model of random weights, always the same, with a tokenizer of single letters."""
    folder.mkdir()
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    _fill(spec, tokenizer.get_vocab_size())
    spec.register_vocabulary([tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())])
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    spec.config.lang_ids, spec.config.alignment_heads = [tokenizer.token_to_id("<|en|>")], [[0, 0]]
    spec.validate()
    spec.save(str(folder))
    return folder


def _tokenizer() -> Tokenizer:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    times = [f"{number * 0.02:.2f}" for number in range(PLACES + 1)]
    tokenizer.add_special_tokens([AddedToken(f"<|{word}|>", special=True) for word in (*WORDS, *times)])
    return tokenizer


def _fill(spec: WhisperSpec, tokens: int) -> None:
    random = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return random.normal(0, 0.1, shape).astype(np.float32)

    def norm(layer) -> None:
        layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def linear(layer, out: int, into: int) -> None:
        layer.weight, layer.bias = some(out, into), np.zeros(out, np.float32)

    def attention(layer, *outs: int) -> None:
        norm(layer.layer_norm)
        for each, out in zip(layer.linear, outs, strict=True):
            linear(each, out, WIDTH)

    def feed_forward(layer) -> None:
        norm(layer.layer_norm)
        linear(layer.linear_0, 4 * WIDTH, WIDTH)
        linear(layer.linear_1, WIDTH, 4 * WIDTH)

    encoder, decoder = spec.encoder, spec.decoder
    for convolution, channels in ((encoder.conv1, MELS), (encoder.conv2, WIDTH)):
        convolution.weight, convolution.bias = some(WIDTH, channels, 3), np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = some(PLACES, WIDTH)
    decoder.position_encodings.encodings = some(LONGEST, WIDTH)
    decoder.embeddings.weight, decoder.projection.weight = some(tokens, WIDTH), some(tokens, WIDTH)
    norm(encoder.layer_norm)
    norm(decoder.layer_norm)
    for layer in (*encoder.layer, *decoder.layer):
        attention(layer.self_attention, 3 * WIDTH, WIDTH)
        feed_forward(layer.ffn)
    for layer in decoder.layer:
        attention(layer.attention, WIDTH, 2 * WIDTH, WIDTH)
