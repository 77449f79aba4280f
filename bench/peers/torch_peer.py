"""PyTorch on the number of threads and in the memory layout of its arguments: speaks the same lines of JSON as the other contenders."""

import json
import statistics
import sys
import time


def say(**reply):
    sys.stdout.write(json.dumps(reply, separators=(",", ":")) + "\n")
    sys.stdout.flush()


try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    say(absent=f"{error}; on Debian: apt-get install python3-torch")
    sys.exit(0)

THREADS, LAYOUT = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(THREADS)
torch.manual_seed(1)

ELEMENTWISE = {
    "copy": lambda a, b: b.copy_(a),
    "add": torch.add,
    "mul": torch.mul,
    "relu": lambda a, b: torch.relu(a),
    "sum": lambda a, b: torch.sum(a),
    "exp": lambda a, b: torch.exp(a),
    "tanh": lambda a, b: torch.tanh(a),
    "sigmoid": lambda a, b: torch.sigmoid(a),
    "gelu": lambda a, b: F.gelu(a),
    "geluTanh": lambda a, b: F.gelu(a, approximate="tanh"),
}


def gemm(work):
    n = work["size"]
    a, b = [x.t() if letter == "T" else x for x, letter in zip((torch.randn(n, n), torch.randn(n, n)), work["layout"])]
    return lambda: torch.matmul(a, b)


def elementwise(work):
    a, b = torch.rand(work["size"]) * 8 - 4, torch.rand(work["size"]) * 8 - 4
    operation = ELEMENTWISE[work["op"]]
    return lambda: operation(a, b)


def fused(work):
    rows, cols = work["rows"], work["cols"]
    x = torch.randn(rows, cols, requires_grad=True)
    g, targets = torch.randn(rows, cols), torch.arange(rows) * 7 % 10
    forward = {"softmax": lambda: F.softmax(x, -1), "gelu": lambda: F.gelu(x)}

    def step():
        x.grad = None
        if work["op"] == "crossEntropy":
            F.cross_entropy(x, targets).backward()
        else:
            forward[work["op"]]().backward(g)

    return step


def mlp(work):
    widths, batch = work["widths"], work["batch"]
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x, y = torch.randn(batch, widths[0]), torch.arange(batch) * 7 % 10
    kind = torch.optim.SGD if work["optimizer"] == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def cnn(work):
    widths, batch, norm = work["widths"], work["batch"], work["batchNorm"]
    layers = []
    for inputs, outputs in zip([3, *widths], widths):
        layers += [torch.nn.Conv2d(inputs, outputs, 3, padding=1, bias=not norm), torch.nn.MaxPool2d(2)]
        layers += [torch.nn.BatchNorm2d(outputs)] if norm else []
        layers += [torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(widths[2] * 16, 10))
    x, y = torch.randn(batch, 3, 32, 32), torch.arange(batch) * 7 % 10
    if LAYOUT == "channels_last":
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    def look():
        with torch.no_grad():
            model(x)

    model.train(work["pass"] == "step")
    return step if work["pass"] == "step" else look


def tiny(_):
    a, b = torch.ones(4, requires_grad=True), torch.ones(4, requires_grad=True)
    return lambda: torch.add(a, b)


PREPARE = {"gemm": gemm, "elementwise": elementwise, "fused": fused, "mlp": mlp, "cnn": cnn, "tiny": tiny}


def sample(call, repeat):
    start = time.perf_counter()
    for _ in range(repeat):
        call()
    return time.perf_counter() - start


def measure(call, repeat, milliseconds):
    """The median sample of one round; the first one finds cold caches and counts only if it fills the round."""
    first = sample(call, repeat)
    if first * 1000 > milliseconds:
        return first / repeat
    end = time.perf_counter() + milliseconds / 1000
    samples = [sample(call, repeat)]
    while time.perf_counter() < end:
        samples.append(sample(call, repeat))
    return statistics.median(samples) / repeat


say(ready=f"PyTorch {torch.__version__}, {THREADS} thread(s), {LAYOUT}")
key, call = None, None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if key != request["work"]:
            key, call = request["work"], PREPARE[request["work"]["kind"]](request["work"])
        say(id=request["id"], seconds=measure(call, request["repeat"], request["milliseconds"]))
    except Exception as error:  # one piece of work that fails leaves the others alone
        say(id=request["id"], seconds=None, failure=repr(error))
