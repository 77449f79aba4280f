"""Writes pytorch.cases.json: what PyTorch computes in bfloat16 on the CPU. Run: python3 pytorch.py"""

import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(1)
half = torch.bfloat16


def draw(*shape):
    return torch.randn(*shape).to(half).requires_grad_()


def told(t):
    return {"shape": list(t.shape), "data": t.detach().float().flatten().tolist()}


def case(name, inputs, f):
    y = f(*inputs)
    g = torch.randn(y.shape).to(y.dtype)
    y.backward(g)
    return {
        "name": name,
        "inputs": [told(x) for x in inputs],
        "result": told(y),
        "dtype": str(y.dtype).removeprefix("torch."),
        "cotangent": told(g),
        "gradients": [told(x.grad) for x in inputs],
    }


cases = [
    case("matmul", [draw(3, 40), draw(40, 4)], torch.matmul),
    case("linear", [draw(5, 33), draw(4, 33), draw(4)], F.linear),
    case("conv2d", [draw(2, 3, 6, 6), draw(4, 3, 3, 3), draw(4)], lambda x, w, b: F.conv2d(x, w, b, padding=1)),
    case("add", [draw(4, 5), draw(5)], torch.add),
    case("mul", [draw(4, 5), draw(5)], torch.mul),
    case("div", [draw(4, 5), draw(5)], torch.div),
    case("tanh", [draw(4, 5)], torch.tanh),
    case("sigmoid", [draw(4, 5)], torch.sigmoid),
    case("exp", [draw(4, 5)], torch.exp),
    case("relu", [draw(4, 5)], F.relu),
    case("sum", [draw(4, 5)], lambda x: x.sum(0)),
    case("mean", [draw(4, 5)], lambda x: x.mean(0)),
    case("softmax", [draw(4, 5)], lambda x: F.softmax(x, 1)),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch.cases.json")
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases}, file)
