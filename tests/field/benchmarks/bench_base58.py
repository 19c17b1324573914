"""Addresses (short, many) and documents (long, few)."""

import random

import base58


def setup_encode_addresses(seed):
    rng = random.Random(seed)
    return [rng.randbytes(25) for _ in range(500)]


def bench_encode_addresses(values):
    return [base58.b58encode(value) for value in values]


def setup_decode_addresses(seed):
    return [base58.b58encode_check(value) for value in setup_encode_addresses(seed)]


def bench_decode_addresses(values):
    return [base58.b58decode_check(value) for value in values]


def setup_encode_document(seed):
    return random.Random(seed).randbytes(4096)


def bench_encode_document(value):
    return base58.b58encode(value)


def setup_decode_document(seed):
    return base58.b58encode(setup_encode_document(seed))


def bench_decode_document(value):
    return base58.b58decode(value)
