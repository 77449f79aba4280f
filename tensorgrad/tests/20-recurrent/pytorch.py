"""Writes pytorch.cases.json: small recurrent networks, computed by PyTorch 1.13 in float64.

    python3 tensorgrad/tests/20-recurrent/pytorch.py
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
T, B, IN, H = 4, 3, 3, 2

SETTINGS = [
    {"kind": "RNN"},
    {"kind": "RNN", "nonlinearity": "relu", "bias": False},
    {"kind": "RNN", "numLayers": 2, "bidirectional": True, "lengths": [2, 4, 1]},
    {"kind": "LSTM"},
    {"kind": "LSTM", "numLayers": 2, "batchFirst": True, "state": True},
    {"kind": "LSTM", "bidirectional": True, "bias": False, "state": True},
    {"kind": "LSTM", "numLayers": 2, "bidirectional": True, "state": True, "lengths": [4, 1, 3]},
    {"kind": "GRU"},
    {"kind": "GRU", "numLayers": 2, "state": True},
    {"kind": "GRU", "bidirectional": True, "batchFirst": True, "state": True, "lengths": [1, 3, 2]},
]


def rounded(x):
    """Multiples of 2^-20 are exact in every engine."""
    return (x * 2**20).round() / 2**20


def network(setting):
    options = {
        "num_layers": setting.get("numLayers", 1),
        "bias": setting.get("bias", True),
        "batch_first": setting.get("batchFirst", False),
        "bidirectional": setting.get("bidirectional", False),
    }
    if setting["kind"] == "RNN":
        options["nonlinearity"] = setting.get("nonlinearity", "tanh")
    net = getattr(torch.nn, setting["kind"])(IN, H, **options)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(rounded(p))
    return net


def run(net, setting, x, state):
    kind, first = setting["kind"], setting.get("batchFirst", False)
    given = (None,) if state is None else (tuple(state),) if kind == "LSTM" else (state[0],)
    if "lengths" not in setting:
        y, end = net(x, *given)
    else:
        pack = torch.nn.utils.rnn.pack_padded_sequence
        packed = pack(x, torch.tensor(setting["lengths"]), batch_first=first, enforce_sorted=False)
        y, end = net(packed, *given)
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=first, total_length=T)
    return y, list(end) if kind == "LSTM" else [end]


def case(index, setting):
    torch.manual_seed(index)
    net = network(setting)
    directions = 2 if setting.get("bidirectional") else 1
    shape = [setting.get("numLayers", 1) * directions, B, H]
    states = 2 if setting["kind"] == "LSTM" else 1
    x = rounded(torch.randn([B, T, IN] if setting.get("batchFirst") else [T, B, IN])).requires_grad_()
    state = [rounded(torch.randn(shape)).requires_grad_() for _ in range(states)] if setting.get("state") else None
    y, end = run(net, setting, x, state)
    v = [rounded(torch.randn(t.shape)) for t in [y, *end]]
    sum((t * w).sum() for t, w in zip([y, *end], v)).backward()
    told = lambda t: {"shape": list(t.shape), "data": t.detach().flatten().tolist()}
    return {
        "setting": setting,
        "x": told(x),
        "state": [told(t) for t in state or []],
        "parameters": {name: told(p) for name, p in net.named_parameters()},
        "results": [told(t) for t in [y, *end]],
        "cotangents": [told(t) for t in v],
        "gradients": [told(t.grad) for t in [x, *(state or []), *net.parameters()]],
    }


cases = [case(i, setting) for i, setting in enumerate(SETTINGS)]
out = pathlib.Path(__file__).with_name("pytorch.cases.json")
out.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")
