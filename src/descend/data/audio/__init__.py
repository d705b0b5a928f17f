"""Sound: files, resampling, spectra, mel bands, cepstra, other voices."""

from __future__ import annotations

from descend.data.audio import wav
from descend.data.audio.mel import hz_to_mel, log_mel, mel_filterbank, mel_to_hz
from descend.data.audio.mfcc import dct, mfcc
from descend.data.audio.resample import resample
from descend.data.audio.spectrum import frames, hann, spectrogram, stft
from descend.data.audio.vtlp import RandomVTLP, vtlp, warped

__all__ = [
    "RandomVTLP",
    "dct",
    "frames",
    "hann",
    "hz_to_mel",
    "log_mel",
    "mel_filterbank",
    "mel_to_hz",
    "mfcc",
    "resample",
    "spectrogram",
    "stft",
    "vtlp",
    "warped",
    "wav",
]
